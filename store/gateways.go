package store

import (
	"context"

	"gorm.io/gorm"

	"countersign/models"
)

// GatewayLookup names what an act on a gateway's key looks at.
type GatewayLookup struct {
	Gateway string
	Team    string // to which a new key is to be confined; "" for none
}

// DecideGateway runs a rule on the keys of gateways.
func (s *Store) DecideGateway(ctx context.Context, act models.Act, look GatewayLookup, rule func(models.GatewayFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f := models.GatewayFacts{Env: env}
		var err error
		if f.Open, err = all[models.Gateway](tx, "created_at, id", openGateways, env.Now); err != nil {
			return models.Change{}, err
		}
		if look.Gateway != "" {
			if f.Gateway, err = find[models.Gateway](tx, "id = ?", look.Gateway); err != nil {
				return models.Change{}, err
			}
		}
		if look.Team != "" {
			if f.Team, err = find[models.Team](tx, "id = ?", look.Team); err != nil {
				return models.Change{}, err
			}
		}
		return rule(f)
	})
}

// openGateways are the keys that count at the moment.
const openGateways = "revoked_at IS NULL AND expires_at > ?"

// GatewayLine is a key with whom and what it names.
type GatewayLine struct {
	models.Gateway
	Team    string // its name; "" for every agent
	Creator models.Party
	Revoker models.Party
}

// Gateways are the keys for an administrator or auditor: those that are open, by name,
// and at most 50 that ended, the latest made first.
func (s *Store) Gateways(ctx context.Context, by models.Party) (open, ended []GatewayLine, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		now := s.now()
		rows, err := all[models.Gateway](tx, "name, id", openGateways, now)
		if err != nil {
			return err
		}
		if open, err = gatewayLines(tx, rows); err != nil {
			return err
		}
		if rows, err = all[models.Gateway](tx.Limit(NamePage), "created_at DESC, id", "NOT ("+openGateways+")", now); err != nil {
			return err
		}
		ended, err = gatewayLines(tx, rows)
		return err
	})
	return open, ended, err
}

// Gateway is one key; NotFound where there is none.
func (s *Store) Gateway(ctx context.Context, by models.Party, id string) (line GatewayLine, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		found, err := find[models.Gateway](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if found == nil {
			return missing("key")
		}
		lines, err := gatewayLines(tx, []models.Gateway{*found})
		if err == nil {
			line = lines[0]
		}
		return err
	})
	return line, err
}

func gatewayLines(tx *gorm.DB, rows []models.Gateway) ([]GatewayLine, error) {
	people, teams := set{}, set{}
	for _, g := range rows {
		people.add(g.CreatedBy)
		if g.RevokedBy != nil {
			people.add(*g.RevokedBy)
		}
		if g.TeamID != nil {
			teams.add(*g.TeamID)
		}
	}
	who, err := parties(tx, people.list())
	if err != nil {
		return nil, err
	}
	named, err := byID[models.Team](tx, teams.list())
	if err != nil {
		return nil, err
	}
	var out []GatewayLine
	for _, g := range rows {
		line := GatewayLine{Gateway: g, Creator: who[g.CreatedBy]}
		if g.RevokedBy != nil {
			line.Revoker = who[*g.RevokedBy]
		}
		if g.TeamID != nil {
			line.Team = named[*g.TeamID].Name
		}
		out = append(out, line)
	}
	return out, nil
}
