(function () {
  'use strict';

  const drawing = JSON.parse(document.getElementById('drawing').textContent);
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const daySeconds = 24 * 60 * 60;

  // The colours are those of Okabe and Ito, which people with any kind of colour
  // blindness can tell apart, lightened on dark ground. Lines differ in their
  // dashes too, marks in their shapes.
  const palettes = {
    light: {
      text: '#57606a', grid: '#e4e7ea', rule: '#9aa3ad',
      agent: '#0072b2', market: '#d55e00', cash: '#6e7781', price: '#57606a',
      other1: '#009e73', other2: '#b5548a', other3: '#a47a00', other4: '#2f8fce', other5: '#5b4b9a',
      buy: '#0072b2', sell: '#d55e00', hold: '#8a929a', error: '#a3176b',
    },
    dark: {
      text: '#a3adb8', grid: '#2b3138', rule: '#66717d',
      agent: '#56b4e9', market: '#f08c3c', cash: '#8b949e', price: '#a3adb8',
      other1: '#2fc79a', other2: '#e39cc4', other3: '#e2c044', other4: '#8fd0ff', other5: '#b7a8ff',
      buy: '#56b4e9', sell: '#f08c3c', hold: '#7d8791', error: '#ff7ac0',
    },
  };
  const dashes = { market: [8, 4], cash: [2, 4] };
  const otherDashes = [[12, 3, 2, 3], [5, 3], [3, 3], [10, 4, 2, 4, 2, 4], [1, 3], [16, 4], [4, 6], [14, 3, 5, 3], [7, 2], [2, 2], [9, 3, 1, 3, 1, 3]];
  const dashOf = (s) => s.style === 'line' || s.style === 'area' ? (s.other ? otherDashes[(s.other - 1) % otherDashes.length] : dashes[s.color]) : undefined;
  const marks = ['buy', 'sell', 'hold', 'error'];
  const font = '12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';

  // Numbers look the same wherever the page is opened.
  const fixed = (v, digits) => v.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

  // As many decimals as the steps of an axis need: one for 2.5, none for 20.
  function digitsOf(step) {
    let digits = 0;
    while (digits < 6 && Math.abs(step - Math.round(step)) > 1e-6 * step) {
      step *= 10;
      digits++;
    }
    return digits;
  }

  const tick = {
    percent: (v, step) => fixed(100 * v, digitsOf(100 * step)) + ' %',
    money: (v, step) => {
      if (step >= 1e5) return fixed(v / 1e6, digitsOf(step / 1e6)) + 'M';
      if (step >= 100) return fixed(v / 1e3, digitsOf(step / 1e3)) + 'k';
      return fixed(v, digitsOf(step));
    },
    flow: (v, step) => fixed(Math.abs(v), digitsOf(step)),
  };
  const plainTick = (v, step) => fixed(v, digitsOf(step));

  const value = {
    percent: (v) => fixed(100 * v, 2) + ' %',
    money: (v) => fixed(v, Math.abs(v) < 1000 ? 2 : 0),
    count: (v) => fixed(v, 0),
    flow: (v) => fixed(Math.abs(v), 0),
  };
  const plainValue = (v) => fixed(v, 2);

  // The steps of an axis of days: days, months and years, nothing shorter.
  const dateSteps = [1, 2, 3, 4, 5, 7, 10, 15, 30, 60, 90, 120, 180, 365, 730, 1825, 3650].map((days) => days * daySeconds);
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const isoDay = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

  // Dates on the axis: the day or month, and the year under it where it is new.
  function dateTicks(u, splits, axis, space, step) {
    let year = null;
    return splits.map((seconds) => {
      const d = new Date(seconds * 1000);
      const y = d.getUTCFullYear();
      const isNew = y !== year;
      year = y;
      if (step >= 360 * daySeconds) return String(y);
      const name = months[d.getUTCMonth()];
      const label = step >= 27 * daySeconds ? name : d.getUTCDate() + ' ' + name;
      return isNew ? label + '\n' + y : label;
    });
  }

  // The axis is as wide as its widest label, and never narrower than most need,
  // so that charts under each other line up.
  function axisSize(u, labels) {
    if (!labels) return 0;
    u.ctx.save();
    u.ctx.font = font;
    const widest = labels.reduce((w, s) => Math.max(w, u.ctx.measureText(s).width), 0);
    u.ctx.restore();
    return Math.max(58, Math.ceil(widest) + 14);
  }

  function drawMark(ctx, kind, x, y, r) {
    ctx.beginPath();
    if (kind === 'buy') {
      ctx.moveTo(x, y - r); ctx.lineTo(x + r, y + r * 0.8); ctx.lineTo(x - r, y + r * 0.8); ctx.closePath(); ctx.fill();
    } else if (kind === 'sell') {
      ctx.moveTo(x, y + r); ctx.lineTo(x + r, y - r * 0.8); ctx.lineTo(x - r, y - r * 0.8); ctx.closePath(); ctx.fill();
    } else if (kind === 'hold') {
      ctx.arc(x, y, r * 0.45, 0, 2 * Math.PI); ctx.fill();
    } else {
      ctx.lineWidth = Math.max(2, r * 0.45);
      ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r); ctx.stroke();
    }
  }

  // Marks stand off the line: buys below it, sells above, so that both it and
  // they can be seen.
  function drawMarks(u, i, spec, colors) {
    const s = spec.series[i - 1];
    if (!marks.includes(s.style)) return;
    const ratio = window.devicePixelRatio || 1;
    const room = u.bbox.width / Math.max(1, u.data[0].length);
    const r = Math.max(3.5 * ratio, Math.min(6 * ratio, room * 0.55));
    const off = { buy: 2.2 * r, sell: -2.2 * r, hold: 0, error: 0 }[s.style];
    u.ctx.save();
    u.ctx.fillStyle = u.ctx.strokeStyle = colors[s.color];
    u.data[i].forEach((v, k) => {
      if (v == null) return;
      drawMark(u.ctx, s.style, u.valToPos(u.data[0][k], 'x', true), u.valToPos(v, 'y', true) + off, r);
    });
    u.ctx.restore();
  }

  // What lies behind the series: the zero line, and where the test begins.
  function drawGround(u, spec, colors) {
    const ctx = u.ctx;
    const ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.strokeStyle = colors.rule;
    ctx.lineWidth = ratio;
    if (spec.zero) {
      const y = Math.round(u.valToPos(0, 'y', true)) + 0.5;
      ctx.beginPath(); ctx.moveTo(u.bbox.left, y); ctx.lineTo(u.bbox.left + u.bbox.width, y); ctx.stroke();
    }
    if (spec.start) {
      const x = Math.round(u.valToPos(spec.start * daySeconds, 'x', true)) + 0.5;
      ctx.setLineDash([4 * ratio, 4 * ratio]);
      ctx.beginPath(); ctx.moveTo(x, u.bbox.top); ctx.lineTo(x, u.bbox.top + u.bbox.height); ctx.stroke();
      ctx.fillStyle = colors.text;
      ctx.font = font.replace('12px', 11 * ratio + 'px');
      ctx.textBaseline = 'top';
      const right = x < u.bbox.left + u.bbox.width * 0.75;
      ctx.textAlign = right ? 'left' : 'right';
      ctx.fillText('test', x + (right ? 4 : -4) * ratio, u.bbox.top + 2 * ratio);
    }
    ctx.restore();
  }

  function seriesOf(s, spec, colors) {
    const color = colors[s.color];
    const out = { label: s.name, scale: 'y', stroke: color, width: s.color === 'agent' ? 2 : 1.5, dash: dashOf(s), show: !s.hidden, spanGaps: false };
    if (spec.axisLength > 2) out.points = { show: false };
    if (s.style === 'area') out.fill = color + '33';
    if (s.style === 'step') {
      out.paths = uPlot.paths.stepped({ align: 1 });
      out.fill = color + '26';
    }
    if (s.style === 'bars') {
      out.paths = uPlot.paths.bars({ size: [0.7, 26], align: 0 });
      out.fill = color;
      out.width = 0;
    }
    if (marks.includes(s.style)) {
      out.paths = () => null;
      out.points = { show: false };
    }
    return out;
  }

  // The range of values: all of the series that are shown, with zero where the
  // chart asks for it.
  function rangeOf(spec) {
    return (u, low, high) => {
      if (low == null || high == null) return [0, 1];
      if (spec.zero) { low = Math.min(low, 0); high = Math.max(high, 0); }
      if (low === high) {
        const pad = Math.abs(low) * 0.1 || 1;
        if (spec.zero && low === 0) return spec.down ? [-0.1, 0] : [0, 1];
        return [low - pad, high + pad];
      }
      const pad = (high - low) * 0.06;
      return [spec.zero && low === 0 ? 0 : low - pad, spec.zero && high === 0 ? 0 : high + pad];
    };
  }

  // Bars need room for half a bar at either end and marks for half a mark; a
  // single day needs some at all.
  function axisRange(spec, xs) {
    const hasBars = spec.series.some((s) => s.style === 'bars');
    let pad = 0;
    if (hasBars) pad = xs.length > 1 ? (xs[xs.length - 1] - xs[0]) / (xs.length - 1) * 0.5 : 3 * daySeconds;
    else if (xs.length < 2) pad = daySeconds;
    else if (spec.margin) pad = (xs[xs.length - 1] - xs[0]) * 0.01;
    return () => [xs[0] - pad, xs[xs.length - 1] + pad];
  }

  function swatch(s, color) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const add = (name, attributes) => {
      const e = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const k in attributes) e.setAttribute(k, attributes[k]);
      svg.appendChild(e);
    };
    svg.setAttribute('width', 26);
    svg.setAttribute('height', 14);
    svg.setAttribute('aria-hidden', 'true');
    if (s.style === 'buy') add('path', { d: 'M13 1 L19 12 L7 12 Z', fill: color });
    else if (s.style === 'sell') add('path', { d: 'M13 13 L19 2 L7 2 Z', fill: color });
    else if (s.style === 'hold') add('circle', { cx: 13, cy: 7, r: 3, fill: color });
    else if (s.style === 'error') add('path', { d: 'M8 2 L18 12 M18 2 L8 12', stroke: color, 'stroke-width': 2.5 });
    else if (s.style === 'bars' || s.style === 'step') add('rect', { x: 5, y: 2, width: 16, height: 10, fill: color });
    else add('line', { x1: 0, y1: 7, x2: 26, y2: 7, stroke: color, 'stroke-width': 2.5, 'stroke-dasharray': (dashOf(s) || []).join(' ') });
    return svg;
  }

  function element(name, className, text) {
    const e = document.createElement(name);
    e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
  }

  // The legend names every series, shows its value under the pointer, or its last
  // one, and hides it on a click.
  function legendOf(spec, colors) {
    const box = document.getElementById(spec.id + '-legend');
    box.textContent = '';
    const when = element('span', 'when');
    box.appendChild(when);
    const values = spec.series.map((s, i) => {
      const button = element('button', '');
      button.type = 'button';
      button.appendChild(swatch(s, colors[s.color]));
      button.appendChild(element('span', 'name', s.name));
      const shown = element('span', 'value', '');
      if (!marks.includes(s.style)) button.appendChild(shown);
      button.setAttribute('aria-pressed', String(!s.hidden));
      button.addEventListener('click', () => {
        s.hidden = !s.hidden;
        spec.plot.setSeries(i + 1, { show: !s.hidden });
        button.setAttribute('aria-pressed', String(!s.hidden));
      });
      box.appendChild(button);
      return shown;
    });
    if (spec.series.some((s) => s.hidden)) box.appendChild(element('span', 'hint', 'A click on a name shows or hides it.'));
    const format = value[spec.unit] || plainValue;
    return (u) => {
      let at = u.cursor.idx;
      if (at == null) at = u.data[0].length - 1;
      when.textContent = isoDay(u.data[0][at]);
      spec.series.forEach((s, i) => {
        const v = u.data[i + 1][at];
        values[i].textContent = v == null ? 'n/a' : format(v);
      });
    };
  }

  // A finger moves the cursor as a mouse does; the page still scrolls.
  function followTouch(u) {
    const move = (e) => {
      const box = u.over.getBoundingClientRect();
      u.setCursor({ left: e.touches[0].clientX - box.left, top: e.touches[0].clientY - box.top });
    };
    u.over.addEventListener('touchstart', move, { passive: true });
    u.over.addEventListener('touchmove', move, { passive: true });
  }

  function draw(spec, colors) {
    const host = document.getElementById(spec.id);
    if (spec.plot) spec.plot.destroy();
    const xs = drawing.axes[spec.axis].map((day) => day * daySeconds);
    spec.axisLength = xs.length;
    const tell = legendOf(spec, colors);
    const ticks = tick[spec.unit] || plainTick;
    const edge = { stroke: colors.text, font: font, grid: { stroke: colors.grid, width: 1 }, ticks: { stroke: colors.grid, width: 1, size: 5 } };
    spec.plot = new uPlot({
      width: host.clientWidth,
      height: spec.height,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: { x: { time: true, range: axisRange(spec, xs) }, y: { range: rangeOf(spec) } },
      axes: [
        Object.assign({ values: dateTicks, incrs: dateSteps, space: 64, size: 42 }, edge),
        Object.assign({
          values: (u, splits, axis, space, step) => splits.map((v) => ticks(v, step)),
          incrs: spec.unit === 'count' || spec.unit === 'flow' ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 2e4, 5e4, 1e5, 1e6] : undefined,
          space: 32, size: axisSize, gap: 4,
        }, edge),
      ],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 }, sync: { key: spec.sync, scales: ['x', null] } },
      series: [{}].concat(spec.series.map((s) => seriesOf(s, spec, colors))),
      hooks: {
        drawAxes: [(u) => drawGround(u, spec, colors)],
        drawSeries: [(u, i) => drawMarks(u, i, spec, colors)],
        setCursor: [tell],
        ready: [tell, followTouch],
      },
    }, [xs].concat(spec.series.map((s) => s.values)), host);
    host.dataset.drawn = spec.series.length;
  }

  function drawAll(theme) {
    for (const spec of drawing.charts) {
      try {
        draw(spec, palettes[theme]);
      } catch (err) {
        const host = document.getElementById(spec.id);
        host.classList.add('failed');
        host.textContent = 'This chart could not be drawn: ' + err.message;
      }
    }
  }

  const theme = () => (dark.matches ? 'dark' : 'light');
  drawAll(theme());
  dark.addEventListener('change', () => drawAll(theme()));
  window.addEventListener('beforeprint', () => drawAll('light'));
  window.addEventListener('afterprint', () => drawAll(theme()));

  const resized = new ResizeObserver((entries) => {
    for (const e of entries) {
      const spec = drawing.charts.find((c) => c.id === e.target.id);
      const width = Math.floor(e.contentRect.width);
      if (spec.plot && width > 0 && width !== spec.plot.width) spec.plot.setSize({ width: width, height: spec.height });
    }
  });
  for (const spec of drawing.charts) resized.observe(document.getElementById(spec.id));
  document.documentElement.dataset.charts = String(drawing.charts.filter((c) => c.plot).length);
})();
