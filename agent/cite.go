package agent

import (
	"fmt"
	"slices"
	"strconv"

	"finmem/memory"
)

// cited are the ids of the offered memories that answer names, in the order of
// the offer, and warnings about the numbers that name none. A number counts in
// whichever list it stands, since no two memories of a prompt share one.
func cited(answer Answer, offered []Offer) (ids, warnings []string) {
	byNumber := map[int]Offer{}
	for _, o := range offered {
		byNumber[o.Number] = o
	}
	wanted := map[int]bool{}
	for _, list := range []struct {
		field   string
		layer   memory.Layer
		numbers []int
	}{
		{fieldShort, memory.Short, answer.Short},
		{fieldMid, memory.Mid, answer.Mid},
		{fieldLong, memory.Long, answer.Long},
		{fieldReflection, memory.Reflection, answer.Reflection},
	} {
		var unknown, elsewhere []string
		for _, n := range list.numbers {
			o, ok := byNumber[n]
			switch {
			case !ok:
				unknown = append(unknown, strconv.Itoa(n))
				continue
			case o.Layer != list.layer:
				elsewhere = append(elsewhere, fmt.Sprintf("%d (%s)", n, o.Layer))
			}
			wanted[n] = true
		}
		if len(unknown) > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: dropped what was not offered: %s", list.field, named(unknown)))
		}
		if len(elsewhere) > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: counted memories of another layer: %s", list.field, named(elsewhere)))
		}
	}
	for _, o := range offered {
		if wanted[o.Number] && !slices.Contains(ids, o.ID) {
			ids = append(ids, o.ID)
		}
	}
	return ids, warnings
}
