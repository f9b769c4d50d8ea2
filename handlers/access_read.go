package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"mime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"countersign/policy"
)

// accessRequest is the body of an evaluation (AuthZEN 1.0, section 5): unknown members
// are ignored; a name that comes twice, or text that is not UTF-8, is refused by the parser.
type accessRequest struct {
	Subject     *accessEntity   `json:"subject"`
	Action      *accessAction   `json:"action"`
	Resource    *accessEntity   `json:"resource"`
	Context     *accessContext  `json:"context"`
	Evaluations []accessRequest `json:"evaluations"`
	Options     struct {
		Semantic string `json:"evaluations_semantic"`
	} `json:"options"`
	Page jsontext.Value `json:"page"` // of a search
}

type accessEntity struct {
	Type       *string        `json:"type"`
	ID         *string        `json:"id"`
	Properties map[string]any `json:"properties"`
}

type accessAction struct {
	Name       *string        `json:"name"`
	Properties map[string]any `json:"properties"`
}

// deepestJSON is how deep a body may nest: no policy looks deeper.
const deepestJSON = 32

// bodies are buffers that were read into before.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readAccess reads a body. What it returns is a sentence for the caller's developer.
func readAccess(r *Request) (accessRequest, error) {
	var in accessRequest
	if stated := r.Request().Header.Get("Content-Type"); stated != "application/json" {
		if kind, _, err := mime.ParseMediaType(stated); err != nil || kind != "application/json" {
			return in, errors.New("the content type is not application/json")
		}
	}
	buf := bodies.Get().(*bytes.Buffer) //nolint:forcetypeassert // nothing else is put in
	defer bodies.Put(buf)
	buf.Reset()
	if _, err := buf.ReadFrom(r.Request().Body); err != nil {
		return in, err
	}
	body := buf.Bytes() // what is read of it is copied
	if err := shallow(body); err != nil {
		return in, err
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return in, fmt.Errorf("the body is not a request: %w", err)
	}
	return in, nil
}

// shallow refuses what nests too deep, before anything is built of it. It only counts the
// brackets outside of strings: what else is wrong the parser finds.
func shallow(body []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > deepestJSON {
				return fmt.Errorf("the body nests deeper than %d", deepestJSON)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// request is what is decided. Whole members of a batch's item take the place of the
// batch's own.
func (in accessRequest) request() (req policy.Request, err error) {
	switch {
	case in.Subject == nil:
		return req, errors.New("subject is missing")
	case in.Action == nil || in.Action.Name == nil:
		return req, errors.New("action.name is missing")
	case in.Resource == nil:
		return req, errors.New("resource is missing")
	}
	if req.Subject, err = in.Subject.entity("subject"); err != nil {
		return req, err
	}
	if req.Resource, err = in.Resource.entity("resource"); err != nil {
		return req, err
	}
	if req.Action = *in.Action.Name; !plainID(req.Action) {
		return req, errors.New("action.name is empty, too long, or has control characters")
	}
	req.Context.Volume = 1
	if in.Context != nil {
		req.Context, err = in.Context.Context, in.Context.bad
	}
	return req, err
}

func (e accessEntity) entity(name string) (policy.Entity, error) {
	switch {
	case e.Type == nil:
		return policy.Entity{}, errors.New(name + ".type is missing")
	case e.ID == nil:
		return policy.Entity{}, errors.New(name + ".id is missing")
	case !plainID(*e.Type) || !plainID(*e.ID):
		return policy.Entity{}, errors.New(name + ".type or .id is empty, too long, or has control characters")
	}
	return policy.Entity{Type: *e.Type, ID: *e.ID, Properties: e.Properties}, nil
}

// plainID is text that can be logged and compared: bounded, and without control characters.
func plainID(s string) bool {
	return s != "" && len(s) <= policy.MaxID && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

// accessContext is a request's context: what is known of it picked out, the rest for the
// policies. bad is what is wrong with a known member: that item of a batch is then none.
type accessContext struct {
	policy.Context
	bad error
}

// UnmarshalJSONFrom reads it in one go.
func (c *accessContext) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	c.Volume = 1
	if d.PeekKind() != '{' {
		c.bad = errors.New("context is not an object")
		return d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := c.member(d, name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (c *accessContext) member(d *jsontext.Decoder, name string) error {
	if to := c.text(name); to != nil {
		if d.PeekKind() != '"' {
			c.bad = fmt.Errorf("context.%s is not a text", name)
			return d.SkipValue()
		}
		text, err := d.ReadToken()
		if err != nil {
			return err
		}
		if *to = text.String(); !plainID(*to) {
			c.bad = fmt.Errorf("context.%s is empty or too long, or has control characters", name)
		}
		return nil
	}
	var v any
	if err := json.UnmarshalDecode(d, &v); err != nil {
		return err
	}
	switch name {
	case "volume":
		n, ok := v.(float64)
		if !ok || n != math.Trunc(n) || n < 1 || n > policy.MaxVolume {
			c.bad = fmt.Errorf("context.volume is not a whole number from 1 to %d", policy.MaxVolume)
			return nil
		}
		c.Volume = int64(n)
	case "act":
		chain, err := accessChain(v)
		if c.Chain = chain; err != nil {
			c.bad = err
		}
	default:
		if c.Properties == nil {
			c.Properties = map[string]any{}
		}
		c.Properties[name] = v
	}
	return nil
}

// text is where a member of this name goes; nil for one that is no text, or not known.
func (c *accessContext) text(name string) *string {
	switch name {
	case "capability":
		return &c.Capability
	case "task":
		return &c.Task
	case "instance":
		return &c.Instance
	case "trace_id":
		return &c.Trace
	case "environment":
		return &c.Environment
	case "sensitivity":
		return &c.Sensitivity
	case "manifest":
		return &c.Manifest
	}
	return nil
}

// accessChain reads nested actors (RFC 8693, section 4.1): sub is an agent's id, the
// outermost the nearest.
func accessChain(v any) (chain []policy.Hop, err error) {
	for v != nil {
		act, ok := v.(map[string]any)
		if !ok {
			return nil, errors.New("context.act is not an actor with a sub")
		}
		agent, ok := act["sub"].(string)
		if !ok || !plainID(agent) {
			return nil, errors.New("context.act has no sub that is an agent’s id")
		}
		hop := policy.Hop{Agent: agent}
		if named, there := act["capability"]; there {
			if hop.Capability, ok = named.(string); !ok || !plainID(hop.Capability) {
				return nil, errors.New("context.act.capability is not an id")
			}
		}
		if chain = append(chain, hop); len(chain) > policy.MaxChain {
			return nil, fmt.Errorf("context.act has more than %d actors", policy.MaxChain)
		}
		v = act["act"]
	}
	return chain, nil
}
