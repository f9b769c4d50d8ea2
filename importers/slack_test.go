package importers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

const slackApp = `display_information:
  name: Rota Bot
  description: Says who is on duty.
features:
  bot_user: {display_name: rota, always_online: true}
  slash_commands:
    - {command: /duty, url: "https://rota.nordlys.eu/slack", description: Says who is on duty}
  assistant_view:
    assistant_description: Asks about duty.
    suggested_prompts: [{title: Tonight, message: "Who is on duty tonight?"}]
oauth_config:
  scopes:
    bot: [chat:write, commands]
    user: [search:read]
settings:
  event_subscriptions:
    request_url: https://rota.nordlys.eu/slack
    bot_events: [app_mention]
  interactivity: {is_enabled: true, request_url: "https://rota.nordlys.eu/press"}
functions:
  swap: {title: Swap duties, description: Swaps two people., input_parameters: {}}
outgoing_domains: [rota.nordlys.eu]
`

func TestSlackAppIsAnAgent(t *testing.T) {
	i := readOne(t, slackApp)
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "slack-manifest", i.Format)
	require.Equal(t, "Rota Bot", i.Agent.Name)
	require.Equal(t, models.AccessListed, i.Agent.Tools.Access)
	require.Equal(t, []string{"chat:write", "commands", "search:read (as the person who installed it)", "event app_mention"}, i.Agent.Tools.Listed)
	require.Equal(t, []models.ImportedSkill{
		{ID: "/duty", Name: "/duty", Description: "Says who is on duty"},
		{ID: "swap", Name: "Swap duties", Description: "Swaps two people."},
		{Name: "Tonight", Examples: []string{"Who is on duty tonight?"}},
	}, i.Agent.Skills)
	require.Equal(t, []models.ImportedInterface{{URL: "https://rota.nordlys.eu/slack"}, {URL: "https://rota.nordlys.eu/press"}}, i.Agent.Interfaces)
	require.Equal(t, []string{"rota.nordlys.eu"}, seen(i))
}

func TestSlackAppThatDoesNotSay(t *testing.T) {
	for name, test := range map[string]struct{ from, to, where, message string }{
		"no scopes":     {"  scopes:\n    bot: [chat:write, commands]\n    user: [search:read]\n", "  token_management: {}\n", "line 1", "does not list the scopes"},
		"all scopes":    {"[search:read]", "[\"*\"]", "/oauth_config/scopes/user/0", "name of a scope"},
		"a word":        {"[search:read]", "all", "/oauth_config/scopes/user", "list of scopes"},
		"administrator": {"search:read", "admin.users:write", "/oauth_config/scopes/user/0", "whole workspace"},
		"placeholder":   {"https://rota.nordlys.eu/press", "https://<host>/press", "/settings/interactivity/request_url", "placeholder"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(slackApp, test.from, test.to, 1)
			require.NotEqual(t, slackApp, changed)
			i := readOne(t, changed)
			requireWarning(t, i, test.where, test.message)
			require.Equal(t, name == "administrator" || name == "placeholder", i.Agent.Tools.Access == models.AccessListed)
		})
	}
	person := readOne(t, `{"manifest":{"display_information":{"name":"A","description":"B"},"oauth_config":{"scopes":{"user":["search:read"]}}}}`)
	requireWarning(t, person, "/manifest", "no bot of its own")
}
