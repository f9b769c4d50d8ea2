package notify

import (
	"strings"
	"time"
)

// pagerDutyBody is an event of PagerDuty's Events API v2. Each key is one alert:
// PagerDuty drops what it has under the same dedup_key. It takes a summary of 1,024
// characters at most.
func pagerDutyBody(m Message, routingKey string) ([]byte, error) {
	type payload struct {
		Summary   string            `json:"summary"`
		Source    string            `json:"source"`
		Severity  string            `json:"severity"`
		Timestamp string            `json:"timestamp"`
		Class     string            `json:"class"`
		Details   map[string]string `json:"custom_details,omitempty"`
	}
	type link struct {
		Href string `json:"href"`
		Text string `json:"text"`
	}
	p := payload{Summary: m.Title, Source: "Countersign", Severity: "warning", Timestamp: m.At.Time().Format(time.RFC3339Nano), Class: m.Kind, Details: map[string]string{}}
	if m.Urgent {
		p.Severity = "critical"
	}
	if all := sentences(m); len(all) > 0 {
		p.Details["text"] = strings.Join(all, "\n")
	}
	var links []link
	if m.Link != "" {
		links = append(links, link{m.Link, m.Action})
	}
	for _, x := range m.Items {
		if x.Link != "" {
			links = append(links, link{x.Link, x.Title})
		}
	}
	return asJSON(struct {
		RoutingKey string  `json:"routing_key"`
		Action     string  `json:"event_action"`
		DedupKey   string  `json:"dedup_key"`
		Payload    payload `json:"payload"`
		Links      []link  `json:"links,omitempty"`
		Client     string  `json:"client"`
		ClientURL  string  `json:"client_url,omitempty"`
	}{routingKey, "trigger", m.ID(), p, links, "Countersign", m.Link})
}
