package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"countersign/web"
)

func TestConfigIsSafe(t *testing.T) {
	good := web.Config{Listen: "127.0.0.1:8080", PublicURL: "https://countersign.example.com",
		OIDC: web.OIDC{Issuer: "https://login.example.com/realm", ClientID: "countersign", ClientSecret: "s"}}
	assert.Empty(t, good.Validate())
	assert.True(t, good.Secure())
	for _, fine := range []func(*web.Config){
		func(c *web.Config) { c.PublicURL = "http://localhost:8080" },
		func(c *web.Config) { c.PublicURL = "http://127.0.0.1:8080/" },
		func(c *web.Config) { c.PublicURL = "http://[::1]:8080" },
		func(c *web.Config) { c.Listen = ":0" },
		func(c *web.Config) { c.TrustedProxies = []string{"10.0.0.0/8", "::1", "192.0.2.7"} },
		func(c *web.Config) { c.IdleTimeout, c.AbsoluteTimeout = time.Minute, time.Hour },
	} {
		c := good
		fine(&c)
		assert.Empty(t, c.Validate())
	}
	for want, bad := range map[string]func(*web.Config){
		"address to listen on is missing": func(c *web.Config) { c.Listen = "" },
		"is not a host and a port":        func(c *web.Config) { c.Listen = "8080" },
		"host and a port such":            func(c *web.Config) { c.Listen = "localhost:99999" },
		"public URL is missing":           func(c *web.Config) { c.PublicURL = "" },
		"plain http is for this machine":  func(c *web.Config) { c.PublicURL = "http://countersign.example.com" },
		"begin with https://; plain":      func(c *web.Config) { c.PublicURL = "http://127.0.0.1.evil.example" },
		"a scheme and a host and nothing": func(c *web.Config) { c.PublicURL = "https://example.com/app" },
		"scheme and a host and nothing":   func(c *web.Config) { c.PublicURL = "https://user:pw@example.com" },
		"has to begin with https://":      func(c *web.Config) { c.PublicURL = "ftp://example.com" },
		"issuer is missing":               func(c *web.Config) { c.OIDC.Issuer = "" },
		"issuer, \"http://login.example":  func(c *web.Config) { c.OIDC.Issuer = "http://login.example.com" },
		"is not a URL":                    func(c *web.Config) { c.OIDC.Issuer = "login" },
		"client id at":                    func(c *web.Config) { c.OIDC.ClientID = "" },
		"client secret at":                func(c *web.Config) { c.OIDC.ClientSecret = "" },
		"trusted proxy \"the-proxy\"":     func(c *web.Config) { c.TrustedProxies = []string{"the-proxy"} },
		"must not be longer":              func(c *web.Config) { c.IdleTimeout, c.AbsoluteTimeout = time.Hour, time.Minute },
	} {
		c := good
		bad(&c)
		says := c.Validate()
		if assert.Len(t, says, 1, want) {
			assert.Contains(t, says[0], want)
		}
	}
	assert.GreaterOrEqual(t, len(web.Config{}.Validate()), 5)
}
