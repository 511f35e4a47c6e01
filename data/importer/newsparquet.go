package importer

import (
	"context"
	"strconv"
	"time"
)

// parquetNews reads news from a Parquet file.
type parquetNews struct {
	table  *parquetTable
	mapper *newsMapper
	done   *int64 // bytes read, which for this format is a share of the rows
}

func (r *parquetNews) format() string { return "parquet" }

func (r *parquetNews) each(ctx context.Context, take func(newsRow) error) error {
	row := newsRow{names: r.table.columns()}
	row.values = make([]any, len(row.names))
	var wanted []string
	var places []int // among names
	for i, name := range row.names {
		if r.mapper.wants(name) {
			wanted = append(wanted, name)
			places = append(places, i)
		}
	}
	if len(wanted) == 0 {
		return take(row) // which is refused, since nothing in it is known
	}
	before := *r.done
	return r.table.read(ctx, wanted, func(n int64, values []any) error {
		*r.done = before + int64(float64(r.table.size)*float64(n)/float64(r.table.rows()))
		row.row = int(n)
		row.fault = ""
		size := 0
		for i, v := range values {
			v = plainValue(v)
			if text, ok := v.(string); ok {
				size += len(text)
			}
			row.values[places[i]] = v
		}
		if size > maxNewsItem {
			row.fault = errItemSize.Error()
		}
		return take(row)
	})
}

// plainValue is a value of a Parquet file as JSON has it.
func plainValue(v any) any {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case parquetTime:
		switch v.kind {
		case dateStamp:
			return v.time.Format(time.DateOnly)
		case localStamp:
			return v.time.Format("2006-01-02T15:04:05.999999999")
		case instantStamp:
			return v.time.Format(time.RFC3339Nano)
		}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plainValue(item)
		}
		return list
	case string:
		return v
	}
	return nil
}
