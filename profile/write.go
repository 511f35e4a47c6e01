package profile

import (
	"fmt"
	"io"
	"strings"
)

// WriteTOML writes the profile in the form that [Parse] reads, keys in a fixed
// order, so that the same profile gives the same bytes. Parse gives back an
// equal profile, apart from white space around its texts. A profile that does
// not pass [Profile.Validate] is not written.
func (p Profile) WriteTOML(w io.Writer) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("write profile: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "name = %s\n", quote(p.Name))
	if p.Symbol != "" {
		fmt.Fprintf(&b, "symbol = %s\n", quote(p.Symbol))
	}
	if len(p.Sectors) > 0 {
		quoted := make([]string, len(p.Sectors))
		for i, s := range p.Sectors {
			quoted[i] = quote(s)
		}
		fmt.Fprintf(&b, "sectors = [%s]\n", strings.Join(quoted, ", "))
	}
	fmt.Fprintf(&b, "expertise = %s\n", quoteText(p.Expertise))
	if p.Background != "" {
		fmt.Fprintf(&b, "background = %s\n", quoteText(p.Background))
	}
	fmt.Fprintf(&b, "inclination = %s\n", quote(string(p.Inclination)))
	fmt.Fprintf(&b, "adaptive_window = %d\n", p.AdaptiveWindow)
	fmt.Fprintf(&b, "query = %s\n", quote(string(p.Query)))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write profile: %w", err)
	}
	return nil
}

// inString escapes what a TOML basic string cannot hold as it is. A valid
// profile has no control characters but line break and tab.
var (
	inString = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`)
	inText   = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)

func quote(s string) string { return `"` + inString.Replace(s) + `"` }

// quoteText is a multi-line string where s has lines, for a person to edit. The
// line break after the opening quotes is not part of the text.
func quoteText(s string) string {
	if !strings.Contains(s, "\n") {
		return quote(s)
	}
	return "\"\"\"\n" + inText.Replace(s) + "\"\"\""
}
