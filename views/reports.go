package views

// ReportLink is one report that the reader may open.
type ReportLink struct{ Title, Href, Say string }

// ReportList is the address of the page that names them all.
const ReportList = "/reports"

// Addresses of the reports, for the page that names them.
const (
	ApproverReportPath = approverReport
	DrillReportPath    = drillReport
	LoadReportPath     = loadReport
)

func reportCrumbs(here string) []Crumb { return []Crumb{{"Reports", ReportList}, {here, ""}} }
