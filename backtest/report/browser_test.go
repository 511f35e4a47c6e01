package report_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"finmem/backtest/report"
)

// browser is a headless Chromium; the test is skipped where there is none.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium, chromium-browser or google-chrome in PATH")
	return ""
}

// open loads a file and returns the document as it is after its scripts ran.
func open(t *testing.T, file string, flags ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir=" + t.TempDir(), "--window-size=1280,1000", "--virtual-time-budget=5000"}, flags...)
	u := url.URL{Scheme: "file", Path: file}
	out, err := exec.CommandContext(ctx, browser(t), append(args, "--dump-dom", u.String())...).Output()
	if err != nil {
		t.Fatalf("the browser: %v", err)
	}
	return string(out)
}

// save writes a page into a folder of its own.
func save(t *testing.T, name, page string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// As it is, under its own policy, the page draws every chart.
func TestBrowserDrawsThePage(t *testing.T) {
	browser(t)
	for name, run := range map[string]report.Run{"small": small(), "long": long(300)} {
		page := write(t, run)
		dom := open(t, save(t, "report.html", page))
		want := len(drawn(t, page).Charts)
		if !strings.Contains(dom, `data-charts="`+strconv.Itoa(want)+`"`) {
			t.Errorf("%s: the page does not say that it drew %d charts: %.300s", name, want, dom)
		}
		if got := strings.Count(dom, "<canvas"); got != want {
			t.Errorf("%s: %d canvases, want %d", name, got, want)
		}
		if strings.Contains(dom, `class="plot failed"`) {
			t.Errorf("%s: a chart could not be drawn", name)
		}
	}
}

// probe looks at the page from inside: which colours of the legend are in each
// picture, what was loaded, what ran over the edge of the window, and whether
// anything of a hostile text ran. Its report is the title.
const probe = `
window.alert = () => { window.alerted = true; };
document.addEventListener('securitypolicyviolation', (e) => { window.violated = e.violatedDirective; });
window.addEventListener('load', () => setTimeout(() => {
  const report = { charts: [], loaded: performance.getEntriesByType('resource').map((e) => e.name), alerted: !!window.alerted, violated: window.violated || '',
    width: document.documentElement.clientWidth, content: document.documentElement.scrollWidth, images: document.images.length, dark: matchMedia('(prefers-color-scheme: dark)').matches };
  for (const plot of document.querySelectorAll('.plot')) {
    const canvas = plot.querySelector('canvas');
    const chart = { id: plot.id, missing: [], series: 0, pixels: 0, over: canvas.getBoundingClientRect().right > report.width };
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      chart.pixels++;
      if (data[i + 3] > 200) seen.add(data[i] >> 3 << 10 | data[i + 1] >> 3 << 5 | data[i + 2] >> 3);
    }
    for (const button of document.querySelectorAll('#' + plot.id + '-legend button[aria-pressed="true"]')) {
      const shape = button.querySelector('svg').firstChild;
      const color = parseInt((shape.getAttribute('stroke') || shape.getAttribute('fill')).slice(1), 16);
      chart.series++;
      if (!seen.has((color >> 16) >> 3 << 10 | (color >> 8 & 255) >> 3 << 5 | (color & 255) >> 3)) chart.missing.push(button.textContent);
    }
    report.charts.push(chart);
  }
  const e = document.createElement('pre');
  e.id = 'probe';
  e.textContent = JSON.stringify(report);
  document.body.appendChild(e);
}, 500));
`

// findings are what probe reports.
type findings struct {
	Charts []struct {
		ID             string
		Missing        []string
		Series, Pixels int
		Over           bool
	}
	Loaded         []string
	Alerted        bool
	Violated       string
	Width, Content int
	Images         int
	Dark           bool
}

// probed is a page that also lets probe run.
func probed(page string) string {
	sum := sha256.Sum256([]byte(probe))
	page = strings.Replace(page, "script-src ", "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"' ", 1)
	return strings.Replace(page, "<title>", "<script>"+probe+"</script><title>", 1)
}

// Every series that the legend shows is in the picture in its own colour,
// nothing is loaded, no hostile text runs, and nothing is wider than the window:
// in a wide window, light and dark, and in one as narrow as a phone.
func TestBrowserSeesThePictures(t *testing.T) {
	browser(t)
	page := probed(write(t, long(300)))
	// A window is never narrower than 500 pixels; a frame can be.
	narrow := `<!DOCTYPE html><style>body{margin:0}</style><iframe width="390" height="900" style="border:0" srcdoc="` + html.EscapeString(page) + `"></iframe>
<script>
addEventListener('load', () => setTimeout(() => {
  document.body.appendChild(document.importNode(frames[0].document.getElementById('probe'), true));
}, 1500));
</script>`
	for _, tt := range []struct {
		name, page string
		flags      []string
		width      int
		dark       bool
	}{
		{"wide and light", page, []string{"--blink-settings=preferredColorScheme=1"}, 1280, false},
		{"wide and dark", page, []string{"--blink-settings=preferredColorScheme=0"}, 1280, true},
		{"narrow", narrow, []string{"--blink-settings=preferredColorScheme=1"}, 390, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dom := open(t, save(t, "report.html", tt.page), tt.flags...)
			found := regexp.MustCompile(`(?s)<pre id="probe">(.*?)</pre>`).FindAllStringSubmatch(dom, -1)
			if len(found) != 1 {
				t.Fatalf("%d reports of the probe: %.500s", len(found), dom)
			}
			var f findings
			if err := json.Unmarshal([]byte(html.UnescapeString(found[0][1])), &f); err != nil {
				t.Fatal(err)
			}
			if len(f.Charts) != 11 {
				t.Errorf("%d charts, want 11", len(f.Charts))
			}
			for _, c := range f.Charts {
				if c.Series == 0 || c.Pixels < 1000 || len(c.Missing) > 0 || c.Over {
					t.Errorf("%s: %d series, %d pixels, not in the picture: %q, over the edge: %v", c.ID, c.Series, c.Pixels, c.Missing, c.Over)
				}
			}
			if len(f.Loaded) > 0 {
				t.Errorf("the page loaded %q", f.Loaded)
			}
			if f.Alerted || f.Violated != "" || f.Images > 0 {
				t.Errorf("alert ran: %v, policy violated: %q, images: %d", f.Alerted, f.Violated, f.Images)
			}
			if f.Content > f.Width || f.Width < tt.width-30 || f.Width > tt.width {
				t.Errorf("the page is %d wide in a window of %d, want %d", f.Content, f.Width, tt.width)
			}
			if f.Dark != tt.dark {
				t.Errorf("dark: %v, want %v", f.Dark, tt.dark)
			}
		})
	}
}
