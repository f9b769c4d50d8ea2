package catalogue

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// `go test ./importers/catalogue -update` makes catalogues.tsv.gz anew from the published
// files. This file says how a level and effects follow from what they say.
var update = flag.Bool("update", false, "write catalogues.tsv.gz")

const published = "../../../shared/data/permissions"

// TestTheFileIsWhatThePublishedOnesSay makes the embedded file anew and compares.
func TestTheFileIsWhatThePublishedOnesSay(t *testing.T) {
	if _, err := os.Stat(published); err != nil {
		t.Skip("the published catalogues are not here")
	}
	var b strings.Builder
	aws(t, &b)
	gcp(t, &b)
	google(t, &b)
	github(t, &b)
	slack(t, &b)
	kubernetes(t, &b)
	if *update {
		var z bytes.Buffer
		w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
		require.NoError(t, err)
		_, err = io.WriteString(w, b.String())
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, os.WriteFile("catalogues.tsv.gz", z.Bytes(), 0o600))
		t.Skip("written; run it again without -update")
	}
	z, err := gzip.NewReader(bytes.NewReader(embedded))
	require.NoError(t, err)
	is, err := io.ReadAll(z)
	require.NoError(t, err)
	require.True(t, b.String() == string(is), "run go test ./importers/catalogue -update")
}

// op is one permission while its level is worked out.
type op struct {
	access  string // a letter of accessOf
	effects string // letters of effectOf, sorted
	title   string
}

const letters = "lrwpu" // lowest first

// atLeast raises the access; unknown stays, it counts as the highest.
func (o *op) atLeast(access string) {
	if strings.Index(letters, access) > strings.Index(letters, o.access) {
		o.access = access
	}
}

func (o *op) mark(effect string) {
	if !strings.Contains(o.effects, effect) {
		e := strings.Split(o.effects+effect, "")
		slices.Sort(e)
		o.effects = strings.Join(e, "")
	}
}

func system(b *strings.Builder, catalogue, key, name, kind, prefix string, ops map[string]op) {
	fmt.Fprintf(b, "=\t%s\t%s\t%s\t%s\t%s\n", catalogue, key, name, kind, prefix)
	for _, n := range slices.Sorted(maps.Keys(ops)) {
		fmt.Fprintf(b, "%s\t%s\t%s\t%s\n", strings.TrimPrefix(n, prefix), ops[n].access, ops[n].effects, ops[n].title)
	}
}

func rows(t *testing.T, file string) []map[string]string {
	f, err := os.Open(filepath.Join(published, file))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	all, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	var out []map[string]string
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = line[i]
		}
		out = append(out, row)
	}
	return out
}

func object[T any](t *testing.T, file string) (v T) {
	raw, err := os.ReadFile(filepath.Join(published, file))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

// awsLevel: the highest of a compound level; what is not one of these is unknown.
func awsLevel(level string) string {
	o := op{access: "l"}
	for _, part := range strings.Split(level, ",") {
		l := map[string]string{"List": "l", "Read": "r", "Write": "w", "Tagging": "w", "Permissions management": "p"}[strings.TrimSpace(part)]
		if l == "" {
			l = "u"
		}
		o.atLeast(l)
	}
	return o.access
}

// flagged: who can give themselves more, hand out credentials or open a resource to others
// changes permissions, whatever the level says; who reads the customers' own data touches
// sensitive records.
func (o *op) flagged(escalates, credentials, exposes, data bool) {
	if escalates || credentials || exposes {
		o.atLeast("p")
	}
	if data {
		o.mark("s")
	}
}

func aws(t *testing.T, b *strings.Builder) {
	services := map[string]map[string]op{}
	put := func(action string, o op) {
		service, _, _ := strings.Cut(action, ":")
		if services[service] == nil {
			services[service] = map[string]op{}
		}
		awsVerb(&o, action)
		services[service][action] = o
	}
	overrides := object[map[string]string](t, "aws/iann0036__aws_access_level_overrides.json")
	tags := object[map[string]map[string][]string](t, "aws/iann0036__aws_tags.json")["iam"]
	tagged := func(tag, action string) bool { return slices.Contains(tags[tag], action) }
	flags := func(o *op, action string) {
		o.flagged(tagged("PrivEsc", action), tagged("CredentialExposure", action), tagged("ResourceExposure", action), tagged("DataAccess", action))
	}
	seen := map[string]bool{}
	for _, r := range rows(t, "aws/aws_iam_actions.csv") {
		o := op{access: awsLevel(r["access_level"])}
		if level, ok := overrides[r["action"]]; ok {
			o.atLeast(awsLevel(level))
		}
		o.flagged(r["privesc"] == "true", r["credentials_exposure"] == "true", r["resource_exposure"] == "true", r["data_access"] == "true")
		flags(&o, r["action"])
		put(r["action"], o)
		seen[r["action"]] = true
	}
	require.Len(t, seen, 19843)
	named := slices.Collect(maps.Keys(overrides)) // named in the lists of exceptions only
	for _, of := range tags {
		named = append(named, of...)
	}
	for _, action := range named {
		if !seen[action] {
			o := op{access: "u"}
			if level, ok := overrides[action]; ok {
				o.access = awsLevel(level)
			}
			flags(&o, action)
			put(action, o)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(services)) {
		system(b, "aws", service, "AWS "+awsName(service), "cloud", service+":", services[service])
	}
}

// awsVerb: what writes by one of these verbs changes the infrastructure, unless it is about
// what is kept in it; what is deleted does not come back.
func awsVerb(o *op, action string) {
	_, name, _ := strings.Cut(action, ":")
	if o.access == "l" || o.access == "r" {
		return
	}
	begins := func(verbs string) bool {
		return slices.ContainsFunc(strings.Fields(verbs), func(v string) bool { return strings.HasPrefix(name, v) })
	}
	content := slices.ContainsFunc(strings.Fields("Item Items Object Objects ObjectVersion Message Messages Record Records Row Rows Document Documents"),
		func(s string) bool { return strings.HasSuffix(name, s) })
	if !content && begins("Create Update Modify Delete Terminate Run Start Stop Reboot Attach Detach Associate Disassociate Enable Disable Register Deregister Restore Reset Replace Allocate Release Launch Provision Deprovision Upgrade Failover Rebuild Deploy Set Configure") {
		o.mark("m")
	}
	if begins("Delete Terminate Purge BatchDelete") {
		o.mark("i")
	}
}

// awsName spells a service's prefix as people do: short words are abbreviations.
func awsName(prefix string) string {
	if n := map[string]string{"apigateway": "API Gateway", "athena": "Athena", "autoscaling": "Auto Scaling", "cloudformation": "CloudFormation", "cloudfront": "CloudFront",
		"cloudtrail": "CloudTrail", "cloudwatch": "CloudWatch", "codebuild": "CodeBuild", "codecommit": "CodeCommit", "codepipeline": "CodePipeline", "dynamodb": "DynamoDB",
		"elasticache": "ElastiCache", "elasticfilesystem": "EFS (elasticfilesystem)", "elasticloadbalancing": "Elastic Load Balancing", "elasticmapreduce": "EMR (elasticmapreduce)",
		"es": "OpenSearch (es)", "events": "EventBridge (events)", "iot": "IoT", "quicksight": "QuickSight", "route53": "Route 53", "sagemaker": "SageMaker",
		"secretsmanager": "Secrets Manager", "states": "Step Functions (states)", "a2c": "A2C"}[prefix]; n != "" {
		return n
	}
	words := strings.Split(strings.TrimPrefix(prefix, "aws-"), "-")
	for i, w := range words {
		if len(w) <= 3 {
			words[i] = strings.ToUpper(w)
		} else {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// gcp has no levels: what lets itself have more, or hands out credentials, changes
// permissions; what fetches data reads; of the rest nobody has said.
func gcp(t *testing.T, b *strings.Builder) {
	tags := object[map[string]map[string][]string](t, "gcp/iann0036__gcp_tags.json")["iam"]
	services := map[string]map[string]op{}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		for _, name := range tags[tag] {
			parts := strings.Split(name, ".")
			verb := parts[len(parts)-1]
			if services[parts[0]] == nil {
				services[parts[0]] = map[string]op{}
			}
			o, again := services[parts[0]][name]
			if !again {
				o.access = "u"
				if tag == "DataAccess" && (strings.HasPrefix(verb, "get") || strings.HasPrefix(verb, "list") || verb == "export" || verb == "consume") {
					o.access = "r"
				}
			}
			if tag != "DataAccess" && o.access != "p" {
				o.access = "p"
			}
			if tag == "DataAccess" {
				o.mark("s")
			}
			services[parts[0]][name] = o
		}
	}
	services["oauth"] = map[string]op{"https://www.googleapis.com/auth/cloud-platform": {access: "p", effects: "ms", title: "Everything in Google Cloud (OAuth scope)"}}
	for _, service := range slices.Sorted(maps.Keys(services)) {
		system(b, "gcp", service, "Google Cloud "+service, "cloud", "", services[service])
	}
}

// google: a scope that is only for looking reads, one for the administration changes
// permissions, others write. Mail, files and the directory are sensitive records.
func google(t *testing.T, b *strings.Builder) {
	type discovery struct {
		Auth struct {
			OAuth2 struct {
				Scopes map[string]struct{ Description string }
			} `json:"oauth2"`
		}
	}
	for _, f := range []struct{ file, key, name string }{
		{"admin_directory", "directory", "Google Workspace directory"}, {"drive", "drive", "Google Drive"}, {"gmail", "gmail", "Gmail"},
	} {
		ops := map[string]op{}
		for scope, s := range object[discovery](t, "oauth/google_"+f.file+"_scopes.json").Auth.OAuth2.Scopes {
			if strings.HasSuffix(scope, "/cloud-platform") {
				continue // is of Google Cloud
			}
			said := strings.ToLower(s.Description)
			does := func(words string) bool {
				return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return strings.Contains(said, w) })
			}
			o := op{access: "w"}
			switch {
			case strings.HasSuffix(scope, ".readonly") || !does("manage edit create delete compose send modify insert perform"):
				o.access = "r"
			case f.key == "directory" || strings.HasSuffix(scope, "settings.sharing"):
				o.access = "p"
			}
			if o.access != "r" && does("delete") && !strings.Contains(said, "not delete") {
				o.mark("i")
			}
			about := func(words string) bool {
				return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return strings.Contains(scope, w) })
			}
			if !about("printers metadata settings labels apps appdata scripts") {
				o.mark("s")
			}
			ops[scope] = o
		}
		system(b, "google", f.key, f.name, "saas", "", ops)
	}
}

func github(t *testing.T, b *strings.Builder) {
	ops := map[string]op{}
	for _, r := range rows(t, "oauth/github_oauth_scopes.csv") {
		o := op{access: map[string]string{"read": "r", "write": "w", "delete": "w", "admin": "p"}[r["class"]]}
		if o.access == "" {
			o.access = "u"
		}
		if r["class"] == "delete" {
			o.mark("i")
		}
		if strings.Contains(r["summary"], "can expose") { // a token that reaches farther
			o.atLeast("p")
		}
		ops[r["scope"]] = o
	}
	system(b, "github", "github", "GitHub", "saas", "", ops)
}

func slack(t *testing.T, b *strings.Builder) {
	ops := map[string]op{}
	for _, r := range rows(t, "oauth/slack_oauth_scopes.csv") {
		o := op{access: map[string]string{"read": "r", "read-content": "r", "admin-read": "r", "write": "w", "admin-write": "p"}[r["class"]]}
		if o.access == "" {
			o.access = "u"
		}
		if r["class"] == "read-content" || r["class"] == "admin-read" {
			o.mark("s")
		}
		ops[r["scope"]] = o
	}
	system(b, "slack", "slack", "Slack", "saas", "", ops)
}

// kubernetes: a verb is for what no line of its own names; these lines reach farther than
// their verb.
func kubernetes(t *testing.T, b *strings.Builder) {
	ops := map[string]op{}
	for _, r := range rows(t, "kubernetes_rbac_verbs.csv") {
		o := op{access: map[string]string{"read": "r", "write": "w", "delete": "w", "privilege-escalation": "p", "credential-exposure": "p"}[r["class"]]}
		switch r["class"] {
		case "write":
			o.mark("m")
		case "delete":
			o.mark("m")
			o.mark("i")
		case "credential-exposure":
			o.mark("s")
		}
		switch verb := r["verb"]; {
		case r["kind"] == "non-resource URL":
			for _, method := range []string{"get", "post", "put", "delete"} {
				o := op{access: "w", title: strings.ToUpper(method) + " of an address that is no resource"}
				if method == "get" {
					o.access = "r"
				}
				ops[method+" (address)"] = o
			}
		case verb == "list/watch/get secrets":
			for _, v := range []string{"list", "watch", "get"} {
				ops[v+" secrets"] = o
			}
		case strings.HasPrefix(verb, "* "):
			for _, resource := range strings.Split(strings.TrimPrefix(verb, "* "), ", ") {
				o.title = "Anything with " + resource
				ops["* "+resource] = o
			}
		case strings.HasPrefix(verb, "associated-node:"):
			for _, v := range []string{"associated-node:update", "arbitrary-node:update", "associated-node:patch", "arbitrary-node:patch"} {
				ops[v] = o
			}
		default:
			name, _, _ := strings.Cut(verb, " (")
			if o.access == "" { // no class: nobody has said
				o.access = "u"
			}
			if r["kind"] == "resource" {
				o.title = strings.ToUpper(name[:1]) + name[1:] + " what has no line of its own here"
			}
			ops[name] = o
		}
	}
	system(b, "kubernetes", "kubernetes", "Kubernetes", "infrastructure", "", ops)
}
