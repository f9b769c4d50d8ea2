package handlers

import (
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"strings"
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
	Context     map[string]any  `json:"context"`
	Evaluations []accessRequest `json:"evaluations"`
	Options     struct {
		Semantic string `json:"evaluations_semantic"`
	} `json:"options"`
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

// readAccess reads a body. What it returns is a sentence for the caller's developer.
func readAccess(r *Request) (accessRequest, error) {
	var in accessRequest
	kind, _, err := mime.ParseMediaType(r.Request().Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return in, errors.New("the content type is not application/json")
	}
	body, err := io.ReadAll(r.Request().Body)
	if err != nil {
		return in, err
	}
	if err := shallow(body); err != nil {
		return in, err
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return in, fmt.Errorf("the body is not a request: %w", err)
	}
	return in, nil
}

// shallow refuses what nests too deep, before anything is built of it.
func shallow(body []byte) error {
	d := jsontext.NewDecoder(strings.NewReader(string(body)))
	for {
		if _, err := d.ReadToken(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("the body is not JSON: %w", err)
		}
		if d.StackDepth() > deepestJSON {
			return fmt.Errorf("the body nests deeper than %d", deepestJSON)
		}
	}
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
	req.Context, err = accessContext(in.Context)
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

// accessContext picks what is known out of the context. A known member of the wrong type
// is an error; everything else goes to the policies as it is.
func accessContext(m map[string]any) (c policy.Context, err error) {
	c.Volume = 1
	rest := map[string]any{}
	texts := map[string]*string{"capability": &c.Capability, "task": &c.Task, "instance": &c.Instance, "trace_id": &c.Trace, "environment": &c.Environment, "sensitivity": &c.Sensitivity, "manifest": &c.Manifest}
	for name, v := range m {
		to, known := texts[name]
		switch {
		case known:
			text, ok := v.(string)
			if !ok || !plainID(text) {
				return c, fmt.Errorf("context.%s is not a text, or is empty or too long", name)
			}
			*to = text
		case name == "volume":
			n, ok := v.(float64)
			if !ok || n != math.Trunc(n) || n < 1 || n > policy.MaxVolume {
				return c, fmt.Errorf("context.volume is not a whole number from 1 to %d", policy.MaxVolume)
			}
			c.Volume = int64(n)
		case name == "act":
			if c.Chain, err = accessChain(v); err != nil {
				return c, err
			}
		default:
			rest[name] = v
		}
	}
	c.Properties = rest
	return c, nil
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
