package edgar

import (
	"regexp"
	"strings"

	"finmem/data/filing"
)

// eventName is what the item of a current report with a number is about.
func eventName(number string) string {
	switch number {
	case "1.01":
		return "Entry into a material agreement"
	case "1.02":
		return "Termination of a material agreement"
	case "1.03":
		return "Bankruptcy or receivership"
	case "1.04":
		return "Mine safety"
	case "1.05":
		return "Material cybersecurity incident"
	case "2.01":
		return "Acquisition or disposal of assets completed"
	case "2.02":
		return "Results of operations and financial condition"
	case "2.03":
		return "New financial obligation"
	case "2.04":
		return "Event that accelerates a financial obligation"
	case "2.05":
		return "Costs of exit or disposal"
	case "2.06":
		return "Material impairment"
	case "3.01":
		return "Notice of delisting"
	case "3.02":
		return "Unregistered sale of equity"
	case "3.03":
		return "Change of the rights of security holders"
	case "4.01":
		return "Change of accountant"
	case "4.02":
		return "Earlier financial statements no longer to be relied on"
	case "5.01":
		return "Change in control"
	case "5.02":
		return "Directors or officers leave, are elected or appointed"
	case "5.03":
		return "Change of articles, bylaws or fiscal year"
	case "5.04":
		return "Trading suspended under benefit plans"
	case "5.05":
		return "Change of the code of ethics"
	case "5.06":
		return "Change in shell company status"
	case "5.07":
		return "Result of a vote of security holders"
	case "5.08":
		return "Shareholder nominations of directors"
	case "7.01":
		return "Regulation FD disclosure"
	case "8.01":
		return "Other events"
	case "9.01":
		return "Financial statements and exhibits"
	}
	return "Item " + number
}

// title is the headline of a current report, made of its items. Item 9.01, which
// lists the attachments, is only named where it is alone.
func (f submission) title(company string) string {
	var names []string
	numbers := strings.FieldsFunc(f.Items, func(r rune) bool { return r == ',' || r == ' ' })
	for _, number := range numbers {
		if number != "9.01" || len(numbers) == 1 {
			names = append(names, eventName(number))
		}
	}
	head := f.Form
	if company != "" {
		head = company + ", " + f.Form
	}
	if len(names) == 0 {
		return head
	}
	return head + ": " + strings.Join(names, "; ")
}

// eventLine is the heading of an item. Before August 2004 the items had numbers
// from 1 to 12.
var eventLine = regexp.MustCompile(`(?i)^item\s*(?:[0-9]\.[0-9]{2}|[0-9]{1,2})\b`)

// eventText is the text of a current report without its cover and its signature:
// from the first heading of an item on. Where there is no such heading it is
// whole.
func eventText(text string) string {
	lines := strings.Split(filing.WithoutFurniture(text), "\n")
	start, end := 0, len(lines)
	for i, l := range lines {
		if eventLine.MatchString(l) {
			start = i
			break
		}
	}
	for i, l := range lines[start:] {
		if i > 0 && filing.Signature(l) {
			end = start + i
			break
		}
	}
	return strings.TrimSpace(strings.Join(lines[start:end], "\n"))
}
