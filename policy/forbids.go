package policy

import (
	"fmt"

	"github.com/cedar-policy/cedar-go"

	"countersign/models"
)

// Forbids are the organisation's own policies, which end in a no whatever a scope
// allows. The zero value forbids nothing.
type Forbids struct {
	set *cedar.PolicySet
	err error // one of them cannot be read: everything is denied
}

// unlessForbidden permits everything, so that what Cedar denies was forbidden.
const unlessForbidden = "permit (principal, action, resource);"

// NewForbids prepares the active ones. One that cannot be read forbids everything,
// since what it was to forbid is not known.
func NewForbids(active []models.Forbid) Forbids {
	if len(active) == 0 {
		return Forbids{}
	}
	set, err := cedar.NewPolicySetFromBytes("", []byte(unlessForbidden))
	if err != nil {
		return Forbids{err: err}
	}
	for _, f := range active {
		one, err := cedar.NewPolicySetFromBytes(f.ID, []byte(f.Text))
		if err != nil {
			return Forbids{err: fmt.Errorf("cannot read %s: %w", f.ID, err)}
		}
		for id, p := range one.All() {
			set.Add(cedar.PolicyID(f.ID)+"/"+id, p)
		}
	}
	return Forbids{set: set}
}
