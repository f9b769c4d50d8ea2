package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"countersign/models"
	"countersign/web"
)

type serveCommand struct {
	database
	Listen               string        `help:"Address to listen on." env:"COUNTERSIGN_LISTEN" default:"127.0.0.1:8080"`
	PublicURL            string        `name:"public-url" help:"How browsers reach it: scheme and host." env:"COUNTERSIGN_PUBLIC_URL"`
	OIDCIssuer           string        `name:"oidc-issuer" help:"The identity provider's issuer." env:"COUNTERSIGN_OIDC_ISSUER"`
	OIDCClientID         string        `name:"oidc-client-id" help:"This application's client id there." env:"COUNTERSIGN_OIDC_CLIENT_ID"`
	OIDCClientSecret     string        `name:"oidc-client-secret" help:"Its client secret. Better in a file." env:"COUNTERSIGN_OIDC_CLIENT_SECRET"`
	OIDCClientSecretFile string        `name:"oidc-client-secret-file" help:"A file with the client secret." env:"COUNTERSIGN_OIDC_CLIENT_SECRET_FILE" type:"path"`
	OIDCGroupsClaim      string        `name:"oidc-groups-claim" help:"The claim that holds a person's groups." env:"COUNTERSIGN_OIDC_GROUPS_CLAIM" default:"groups"`
	OIDCScopes           []string      `name:"oidc-scopes" help:"Scopes besides openid, profile and email." env:"COUNTERSIGN_OIDC_SCOPES"`
	FirstAdministrators  []string      `name:"first-administrators" help:"Subjects at the identity provider who become administrators while there is none, as subject or subject=Name. Name two: much takes both." env:"COUNTERSIGN_FIRST_ADMINISTRATORS"`
	TrustedProxies       []string      `name:"trusted-proxies" help:"Addresses or networks whose X-Forwarded-For is believed." env:"COUNTERSIGN_TRUSTED_PROXIES"`
	IdleTimeout          time.Duration `help:"A session ends after this long without a request." env:"COUNTERSIGN_IDLE_TIMEOUT" default:"30m"`
	AbsoluteTimeout      time.Duration `help:"And after this long in any case." env:"COUNTERSIGN_ABSOLUTE_TIMEOUT" default:"12h"`
	Migrate              bool          `help:"Migrate the database first." env:"COUNTERSIGN_MIGRATE"`
	channels
}

// Run refuses to start on what is missing or unsafe, with a sentence for each,
// and serves until it is told to stop.
func (s serveCommand) Run(ctx context.Context) error {
	cfg, problems := s.config()
	problems = append(problems, cfg.Validate()...)
	mail, allow, wrong := s.channels.read()
	problems = append(problems, wrong...)
	cfg.Channels = shown(mail, allow)
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(os.Stderr, "countersign: "+p)
		}
		return errRefused
	}
	if s.Migrate {
		if err := (migrateCommand{s.database}).Run(ctx); err != nil {
			return err
		}
	}
	st, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer done(st)
	if err := st.Bootstrap(ctx, s.first()); err != nil {
		return fmt.Errorf("cannot make the first administrators: %w", err)
	}
	stop, err := background(ctx, s.Database, st, sender(st, cfg.PublicURL, mail, allow))
	if err != nil {
		return err
	}
	defer stop()
	server, err := web.New(cfg, st)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

// config is the server's configuration, with what is wrong in the flags themselves.
func (s serveCommand) config() (web.Config, []string) {
	var problems []string
	secret := s.OIDCClientSecret
	if s.OIDCClientSecretFile != "" {
		if secret != "" {
			problems = append(problems, "The client secret is given twice: as COUNTERSIGN_OIDC_CLIENT_SECRET and as a file. Keep one.")
		}
		raw, err := os.ReadFile(s.OIDCClientSecretFile)
		if err != nil {
			problems = append(problems, fmt.Sprintf("The file with the client secret cannot be read: %v.", err))
		}
		secret = strings.TrimSpace(string(raw))
	}
	return web.Config{Listen: s.Listen, PublicURL: s.PublicURL, TrustedProxies: s.TrustedProxies, IdleTimeout: s.IdleTimeout, AbsoluteTimeout: s.AbsoluteTimeout,
		OIDC: web.OIDC{Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: secret, Scopes: s.OIDCScopes, GroupsClaim: s.OIDCGroupsClaim}}, problems
}

func (s serveCommand) first() []models.Login {
	var out []models.Login
	for _, x := range s.FirstAdministrators {
		subject, name, named := strings.Cut(x, "=")
		if !named {
			name = subject
		}
		if subject = strings.TrimSpace(subject); subject != "" {
			out = append(out, models.Login{Issuer: s.OIDCIssuer, Subject: subject, Name: name})
		}
	}
	return out
}
