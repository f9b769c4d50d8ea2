// Package catalogue holds the published permission catalogues that an administrator can take
// into the organisation's own: which services there are, what they call their permissions,
// and how far each reaches. Facts only, embedded in one file; docs/catalogue.md says where
// they come from and how a level follows from them. It leans on models only.
package catalogue

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"

	"countersign/models"
)

// Published is one catalogue.
type Published struct {
	ID         string // in addresses: "aws"
	Name       string
	Says       string // what it holds, in a sentence
	Operations int
	Systems    []Service
}

// Service is one system of a published catalogue.
type Service struct {
	Key        string // in forms: "aws/s3", unique among all catalogues
	Name       string // of the system: "AWS S3", unique likewise
	Kind       string // of models.SystemKinds
	Operations int
	says       string
	format     string
	lines      []line
}

type line struct{ name, title, access, effects string }

// catalogues in the order of the page. Each AWS service prefix is a system of its own, since
// that is how access is given and looked after: a scope says "AWS S3", a custodian looks
// after it, and a stop of it does not stop the rest of the cloud.
var catalogues = []Published{
	{ID: "aws", Name: "Amazon Web Services", Says: "IAM actions, a system for each service."},
	{ID: "gcp", Name: "Google Cloud", Says: "Permissions that are known to be dangerous, a system for each service. Add others as you need them."},
	{ID: "google", Name: "Google Workspace", Says: "OAuth scopes of Gmail, Drive and the directory."},
	{ID: "github", Name: "GitHub", Says: "OAuth scopes."},
	{ID: "slack", Name: "Slack", Says: "OAuth scopes."},
	{ID: "kubernetes", Name: "Kubernetes", Says: "The verbs of its access control, and the combinations that reach farther than they look."},
}

//go:embed catalogues.tsv.gz
var embedded []byte

var read = sync.OnceValues(func() ([]Published, error) {
	z, err := gzip.NewReader(bytes.NewReader(embedded))
	if err != nil {
		return nil, fmt.Errorf("cannot open the published catalogues: %w", err)
	}
	return parse(z)
})

// All are the catalogues. The file is ours and tested, so an error is a broken build.
func All() ([]Published, error) { return read() }

// ByID is one catalogue, or false.
func ByID(id string) (Published, bool) {
	all, err := read()
	for _, p := range all {
		if p.ID == id && err == nil {
			return p, true
		}
	}
	return Published{}, false
}

// Service is one of the catalogue's systems by its key, or false.
func (p Published) Service(key string) (Service, bool) {
	for _, s := range p.Systems {
		if s.Key == key {
			return s, true
		}
	}
	return Service{}, false
}

// parse reads lines of two kinds, with tabs between: "=" catalogue, key, name, kind, the
// prefix of its operations' names; and name, access letter, effect letters, title.
func parse(from io.Reader) ([]Published, error) {
	out := make([]Published, len(catalogues))
	copy(out, catalogues)
	var of *Published
	prefix := ""
	in := bufio.NewScanner(from)
	for n := 1; in.Scan(); n++ {
		f := strings.Split(in.Text(), "\t")
		switch {
		case f[0] == "=" && len(f) == 6:
			of, prefix = nil, f[5]
			for i := range out {
				if out[i].ID == f[1] {
					of = &out[i]
				}
			}
			if of == nil {
				return nil, fmt.Errorf("line %d of the published catalogues is of none", n)
			}
			of.Systems = append(of.Systems, Service{Key: f[1] + "/" + f[2], Name: f[3], Kind: f[4], format: "catalogue/" + f[1], says: of.Name + ": " + of.Says})
		case len(f) == 4 && of != nil && accessOf[f[1]] != "":
			s := &of.Systems[len(of.Systems)-1]
			s.lines = append(s.lines, line{name: prefix + f[0], title: f[3], access: accessOf[f[1]], effects: f[2]})
			s.Operations++
			of.Operations++
		default:
			return nil, fmt.Errorf("line %d of the published catalogues cannot be read", n)
		}
	}
	return out, in.Err()
}

var accessOf = map[string]string{"l": "list", "r": "read", "w": "write", "p": "permissions", "u": "unknown"}

var effectOf = map[rune]string{'s': "sensitive-records", 'm': "modifies-infrastructure", 'i': "irreversible", 'o': "outbound-payment"}

// Imported is the service as an import: its operations are all that the catalogue lists,
// which need not be all that the service has.
func (s Service) Imported() models.Imported {
	sys := &models.ImportedSystem{Name: s.Name, Kind: s.Kind, Access: models.AccessUnknown, Operations: make([]models.ImportedOperation, 0, len(s.lines)),
		Description: s.says}
	for _, l := range s.lines {
		o := models.ImportedOperation{Name: l.name, Title: l.title, Access: l.access, Why: "The published catalogue says so."}
		if o.Title == "" {
			o.Title = title(l.name)
		}
		for _, e := range l.effects {
			o.Effects = append(o.Effects, effectOf[e])
		}
		sys.Operations = append(sys.Operations, o)
	}
	return models.Imported{File: "the published catalogue", Format: s.format, Kind: models.ImportSystem, Name: s.Name, Outcome: models.ImportClean, System: sys}
}

// title is a permission's name in words: "Put object" of s3:PutObject, "Drive readonly" of a
// scope that is an address.
func title(name string) string {
	short := name
	if _, after, ok := strings.Cut(name, "googleapis.com/auth/"); ok {
		short = after
	} else if service, action, ok := strings.Cut(name, ":"); ok && action != "" && action[0] >= 'A' && action[0] <= 'Z' && service != "" {
		short = action
	}
	var words []string
	for _, part := range strings.FieldsFunc(short, func(r rune) bool { return strings.ContainsRune(".:_-/ ", r) }) {
		words = append(words, camel(part)...)
	}
	if len(words) > 0 {
		words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
	}
	return strings.Join(words, " ")
}

// camel cuts PutDBClusters into "put", "DB", "clusters": a run of capitals, also in the
// plural, is an abbreviation and stays.
func camel(s string) []string {
	var out []string
	for len(s) > 0 {
		capitals := 0
		for capitals < len(s) && s[capitals] >= 'A' && s[capitals] <= 'Z' {
			capitals++
		}
		end := capitals
		if capitals < 2 || !plural(s[capitals:]) {
			if capitals > 1 && end < len(s) && lower(s[end]) {
				end-- // the last capital begins the next word
			} else {
				for end < len(s) && (s[end] < 'A' || s[end] > 'Z') {
					end++
				}
			}
		} else {
			end++
		}
		word := s[:end]
		if capitals == 1 {
			word = strings.ToLower(word)
		}
		out, s = append(out, word), s[end:]
	}
	return out
}

// plural says that after a run of capitals comes an s and then another word.
func plural(rest string) bool {
	return rest != "" && rest[0] == 's' && (len(rest) == 1 || !lower(rest[1]))
}

func lower(c byte) bool { return c >= 'a' && c <= 'z' }
