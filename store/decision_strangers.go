package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"gorm.io/gorm"

	"countersign/models"
)

const (
	mostStrangers     = 100   // that one part of the log makes known: the most frequent
	mostStrangersOpen = 1_000 // that wait to be claimed: a gateway that makes names up adds no more
)

// strangers are the agents of a part of the log that a gateway asked about and nobody has
// registered. An agent that is registered and has nothing in force is none.
func (s *Store) strangers(ctx context.Context, p models.DecisionPart) (out []models.Stranger, err error) {
	var rows []struct {
		Subject, GatewayID string
		N                  int64
	}
	err = s.logged.WithContext(ctx).Raw(`SELECT subject, gateway_id, COUNT(*) AS n FROM decisions WHERE id >= ? AND id <= ? AND rule = 'agent.unknown' AND subject <> ''
		GROUP BY subject, gateway_id ORDER BY n DESC, subject, gateway_id LIMIT ?`, p.FromID, p.ToID, mostStrangers).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	gateways, names := set{}, set{}
	for _, r := range rows {
		gateways.add(r.GatewayID)
		_, id, _ := models.Decision{Subject: r.Subject}.SubjectNamed()
		names.add(id)
	}
	db := s.read.WithContext(ctx)
	asked, err := byID[models.Gateway](db, gateways.list())
	if err != nil {
		return nil, err
	}
	agents, err := byID[models.Agent](db, names.list())
	if err != nil {
		return nil, err
	}
	var bound []models.Subject
	if err := db.Raw("SELECT issuer, subject FROM bindings WHERE subject IN ? AND ended_at IS NULL", names.list()).Scan(&bound).Error; err != nil {
		return nil, fmt.Errorf("cannot read who is bound to an identity: %w", err)
	}
	known := map[models.Subject]bool{}
	for _, b := range bound {
		known[b] = true
	}
	for _, r := range rows {
		kind, id, _ := models.Decision{Subject: r.Subject}.SubjectNamed()
		g := asked[r.GatewayID]
		_, registered := agents[id]
		if kind == "agent" && registered || kind != "agent" && (g.Issuer == "" || known[models.Subject{Issuer: g.Issuer, Subject: id}]) {
			continue // of a gateway without an issuer every subject is unknown: that says nothing of the agent
		}
		out = append(out, models.Stranger{Name: id, Gateway: g.Name})
	}
	return out, nil
}

// meet has somebody asked to claim the strangers of a part. It may be done again: who
// waits already is left as they are.
func (s *Store) meet(ctx context.Context, p models.DecisionPart) error {
	all, err := s.strangers(ctx, p)
	if err != nil || len(all) == 0 {
		return err
	}
	var open int64
	if err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM found WHERE state = 'open' AND import_id IS NULL LIMIT ?) x", mostStrangersOpen).Scan(&open).Error; err != nil {
		return fmt.Errorf("cannot count who waits to be claimed: %w", err)
	}
	if open >= mostStrangersOpen {
		slog.Warn("gateways ask about more agents that nobody registered than anybody could claim; the further ones are only in the log of decisions", "waiting", open)
		return nil
	}
	act := clockAct("strangers", fmt.Sprint(p.Replica, " ", p.FromID), 0)
	_, err = s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := loadAgent(tx, env, "", Lookup{Names: models.Strangers(all)})
		if err != nil {
			return models.Change{}, err
		}
		c, some, err := f.Asked(all)
		if err == nil && !some {
			err = errNothing
		}
		return c, err
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
