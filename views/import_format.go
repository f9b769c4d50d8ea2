package views

import "strings"

// formatWords are the formats of imported files as their makers write them; of one
// that is not here its own name says enough.
var formatWords = map[string]string{
	"a2a-card": "A2A agent card", "agent-hooks": "Agent hooks", "agent-marketplace": "Marketplace of agents", "agent-plugin": "Agent plug-in",
	"ahp": "Agent Handshake Protocol", "asyncapi": "AsyncAPI description", "autogen": "AutoGen", "bedrock-agent": "Amazon Bedrock agent",
	"bedrock-functions": "Amazon Bedrock functions", "bedrock-template": "Amazon Bedrock template", "claude-subagent": "Claude Code subagent",
	"cloudformation": "CloudFormation template", "compose": "Compose file", "copilot-agent": "GitHub Copilot agent", "crewai-agents": "CrewAI agents",
	"crewai-tasks": "CrewAI tasks", "declarative-agent": "Microsoft declarative agent", "github-workflow": "GitHub workflow", "json-schema": "JSON schema",
	"kagent": "kagent", "kubernetes": "Kubernetes manifest", "langgraph": "LangGraph", "m365-agent": "Microsoft 365 agent", "m365-app": "Microsoft 365 app",
	"m365-plugin": "Microsoft 365 plug-in", "mcp-client": "MCP client configuration", "mcp-gateway": "MCP gateway’s tools",
	"mcp-gateway-state": "MCP gateway’s state", "mcp-server": "MCP server", "mcp-tools": "MCP tools", "mention": "Named in another file",
	"openapi": "OpenAPI description", "slack-manifest": "Slack app", "toolhive": "ToolHive server",
}

// FormatWord is a format as people call it, with the version that the file names:
// "A2A agent card 1.0" for "a2a-card/1.0".
func FormatWord(format string) string {
	name, version, _ := strings.Cut(format, "/")
	if words, ok := formatWords[name]; ok {
		return strings.TrimSpace(words + " " + version)
	}
	return format
}
