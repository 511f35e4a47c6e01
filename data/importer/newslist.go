package importer

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// listLiteral reads a cell that holds a list of texts as Python or JSON prints
// one:
//
//	['one', "it's two", None]
//
// None and nan are left out. ok is false where the cell is anything else, such
// as a text that begins with a bracket.
func listLiteral(cell string) (items []string, ok bool) {
	rest := strings.TrimSpace(cell)
	if !strings.HasPrefix(rest, "[") || !strings.HasSuffix(rest, "]") {
		return nil, false
	}
	rest = strings.TrimSpace(rest[1 : len(rest)-1])
	for rest != "" {
		var item string
		switch {
		case rest[0] == '\'' || rest[0] == '"':
			if item, rest, ok = textLiteral(rest); !ok {
				return nil, false
			}
			items = append(items, item)
		case strings.HasPrefix(rest, "None"), strings.HasPrefix(rest, "null"):
			rest = rest[4:]
		case strings.HasPrefix(rest, "nan"):
			rest = rest[3:]
		default:
			return nil, false
		}
		rest = strings.TrimSpace(rest)
		if rest == "" {
			break
		}
		if rest[0] != ',' {
			return nil, false
		}
		rest = strings.TrimSpace(rest[1:])
	}
	return items, true
}

// textLiteral reads a text in single or double quotation marks off the front.
func textLiteral(s string) (text, rest string, ok bool) {
	mark := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == mark:
			return b.String(), s[i+1:], true
		case c != '\\':
			b.WriteByte(c)
		default:
			if i++; i == len(s) {
				return "", "", false
			}
			n, good := escape(&b, s[i:])
			if !good {
				return "", "", false
			}
			i += n - 1
		}
	}
	return "", "", false
}

// escape writes the character that stands behind a backslash and says how many
// bytes it took. What Python does not know as an escape stays as it is.
func escape(b *strings.Builder, s string) (length int, ok bool) {
	digits := 0
	switch c := s[0]; c {
	case 'n':
		b.WriteByte('\n')
		return 1, true
	case 't':
		b.WriteByte('\t')
		return 1, true
	case 'r':
		b.WriteByte('\r')
		return 1, true
	case '\\', '\'', '"', '/':
		b.WriteByte(c)
		return 1, true
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		b.WriteByte('\\')
		_, size := utf8.DecodeRuneInString(s)
		b.WriteString(s[:size])
		return size, true
	}
	if len(s) < 1+digits {
		return 0, false
	}
	code, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil {
		return 0, false
	}
	length = 1 + digits
	if digits == 4 && code >= 0xd800 && code < 0xdc00 && strings.HasPrefix(s[length:], `\u`) && len(s) >= length+6 {
		// JSON writes characters beyond U+FFFF as two halves.
		if low, err := strconv.ParseUint(s[length+2:length+6], 16, 32); err == nil && low >= 0xdc00 && low < 0xe000 {
			code = 0x10000 + (code-0xd800)<<10 + (low - 0xdc00)
			length += 6
		}
	}
	b.WriteRune(rune(code)) // a half by itself becomes U+FFFD
	return length, true
}
