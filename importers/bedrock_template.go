package importers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// CloudFormation templates with agents of Amazon Bedrock, as JSON or YAML. A template is worked
// out when it is deployed: what !Sub, !Ref and !GetAtt stand for is no value here. A reference
// to another resource of the same template names that resource.

// maxInside is how many descriptions that stand as text inside a file are parsed.
const maxInside = 20

const bedrockType = "AWS::Bedrock::Agent"

func templateAgents(root *node) []*node {
	var agents []*node
	resources := root.get("Resources")
	for _, key := range resources.keysOrNone() {
		if resource := resources.members[key]; resource.has("Type", text) && resource.get("Type").text == bedrockType {
			agents = append(agents, resource)
		}
	}
	return agents
}

func looksLikeBedrockTemplate(root *node) bool { return len(templateAgents(root)) > 0 }

func readBedrockTemplate(f *file, root *node) {
	for _, agent := range templateAgents(root) {
		t := templateReading{reading: f.thing(agent), f: f, resources: root.get("Resources")}
		t.imported.Format, t.imported.Kind = "bedrock-template", models.ImportAgent
		foldIntrinsics(agent)
		t.readAgent(agent)
	}
}

// templateReading reads one agent of a template.
type templateReading struct {
	*reading
	f         *file
	resources *node
	acc       *access
	del       *delegates
}

var (
	propertiesKnown   = []string{"AgentName", "Description", "FoundationModel", "Instruction", "ActionGroups", "KnowledgeBases", "AgentCollaborators", "AgentCollaboration", "AgentResourceRoleArn", "PromptOverrideConfiguration"}
	propertiesIgnored = []string{"AutoPrepare", "IdleSessionTTLInSeconds", "CustomerEncryptionKeyArn", "GuardrailConfiguration", "MemoryConfiguration", "OrchestrationType", "CustomOrchestration", "SkipResourceInUseCheckOnDelete", "Tags", "TestAliasTags"}
)

func (t *templateReading) readAgent(agent *node) {
	p := agent.get("Properties")
	if p == nil || p.kind != object {
		t.decline(agent.pointer(), agent.line, "This agent has no properties, so nothing says what it is. Check the template.")
		return
	}
	a := &models.ImportedAgent{
		Name: t.agentName(agent, p),
		Description: t.text(p, "Description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what the agent is for."}),
		Model:        t.model(p, "FoundationModel", "The template leaves open which model the agent runs on."),
		PromptDigest: bedrockPrompt(t.reading, p, "Instruction"),
	}
	t.acc, t.del = accessOf(t.reading), &delegates{r: t.reading}
	for _, group := range p.get("ActionGroups").itemsOf() {
		t.readGroup(group)
	}
	if open := p.get("ActionGroups"); open != nil && open.kind != array {
		t.acc.doubt(open, "The action groups are worked out when the agent is made.")
	}
	t.readKnowledge(p)
	t.readCollaborators(p)
	t.doubtRole(p)
	a.Tools, a.Delegates = t.acc.end(p, "ActionGroups"), t.del.list
	t.unread(p, propertiesKnown, propertiesIgnored)
	t.keepAgent(a, p, "AgentName")
}

// agentName is the agent's name, or where that is worked out the name of the resource.
func (t *templateReading) agentName(agent, p *node) string {
	w := named("name", "the agent's name", "Write the agent's name into the template and import it again.")
	if n := p.get("AgentName"); n != nil && n.kind != null && !n.worksOut() && !(n.kind == text && isPlaceholder(n.text)) {
		return t.text(p, "AgentName", w)
	}
	where := agent
	if n := p.get("AgentName"); n != nil {
		where = n
	}
	t.warn(where, fmt.Sprintf("The agent's name is worked out when it is made. The template's own name for it, %s, was taken: enter the real one.", quote(agent.key)))
	return t.called(agent, w)
}

// readGroup takes the operations of one action group as tools.
func (t *templateReading) readGroup(group *node) {
	name := "without a name"
	if n := group.get("ActionGroupName"); n != nil && n.kind == text && !n.worksOut() {
		name = quote(n.text)
	}
	if state := group.get("ActionGroupState"); state != nil && state.text == "DISABLED" {
		t.note(models.ImportedField{Value: name, Pointer: state.pointer(), Line: state.line, Status: models.FieldIgnored, Note: "This action group is switched off."})
		return
	}
	t.seeExecutor(group, name)
	functions, schema, built := group.get("FunctionSchema").get("Functions"), group.get("ApiSchema"), group.get("ParentActionGroupSignature")
	switch {
	case built != nil && built.kind == text:
		t.acc.add(built, built.text)
	case len(functions.itemsOf()) > 0:
		for _, f := range functions.items {
			addFunction(t.reading, t.acc, f, "Name", "Description", f.get("RequireConfirmation"))
		}
	case schema.has("Payload", text):
		t.readPayload(schema.get("Payload"), name)
	case schema.has("S3"):
		t.acc.doubt(schema, fmt.Sprintf("What the action group %s can do stands in another file, in S3.", name))
	default:
		t.acc.doubt(group, fmt.Sprintf("The template does not say what the action group %s can do.", name))
	}
}

// readPayload takes the operations of a description that stands in the template as text.
func (t *templateReading) readPayload(payload *node, group string) {
	open := func(why string) { t.acc.doubt(payload, why) }
	if payload.worksOut() {
		open(fmt.Sprintf("What the action group %s can do is worked out when the agent is made.", group))
		return
	}
	if t.f.inside++; t.f.inside > maxInside {
		open(fmt.Sprintf("The file holds more than %d descriptions of action groups.", maxInside))
		return
	}
	data := []byte(payload.text)
	if _, problem := notText(data); problem != "" {
		open(fmt.Sprintf("The description of the action group %s is empty or no text.", group))
		return
	}
	doc, bad := parse(data)
	if bad != nil {
		open(fmt.Sprintf("The description of the action group %s cannot be read (its line %d): %s", group, bad.line, cut(bad.message, 300)))
		return
	}
	found := false
	eachOperation(doc.root, func(n *node, path, method string) {
		found = true
		name := strings.ToUpper(method) + " " + path
		if id := n.get("operationId"); id != nil && id.kind == text && id.text != "" {
			name = id.text
		}
		if name, _ = withoutSecrets(name); strings.Contains(name, secretRemoved) {
			open("The name of an operation holds what looks like a secret.")
			return
		}
		t.acc.add(payload, name)
		description := n.get("description")
		if description == nil {
			description = n.get("summary")
		}
		t.acc.describe(name, description)
		if said := confirmation(n.get("x-requireConfirmation")); said != "" {
			shown, _ := show(name, false)
			t.note(models.ImportedField{Value: shown, Pointer: payload.pointer(), Line: payload.line, Status: models.FieldUnverified, Note: strings.TrimSpace(said)})
		}
	})
	if !found {
		open(fmt.Sprintf("The description of the action group %s lists no operations.", group))
	}
}

// seeExecutor notes the program that carries an action group out.
func (t *templateReading) seeExecutor(group *node, name string) {
	executor := group.get("ActionGroupExecutor")
	lambda := executor.get("Lambda")
	if lambda == nil || lambda.kind != text {
		return
	}
	if resource, _ := t.resource(lambda); resource != "" {
		t.see(lambda, models.ImportSystem, resource, "", withoutGaps("carries out its action group "+name))
	} else if !lambda.worksOut() {
		arn, _ := show(lambda.text, false)
		t.see(lambda, models.ImportSystem, arn[strings.LastIndexByte(arn, ':')+1:], "", withoutGaps("carries out its action group "+name))
	}
}

// readKnowledge takes knowledge bases as tools: the agent reads what is in them.
func (t *templateReading) readKnowledge(p *node) {
	for _, base := range p.get("KnowledgeBases").itemsOf() {
		id := base.get("KnowledgeBaseId")
		if id == nil || id.kind != text {
			t.acc.doubt(base, "The template does not say which knowledge base the agent reads.")
			continue
		}
		name, _ := t.resource(id)
		if name == "" && id.worksOut() {
			t.acc.doubt(id, "Which knowledge base the agent reads is worked out when it is made.")
			continue
		}
		if name == "" {
			name = id.text
		}
		t.acc.add(base, "knowledge base "+name)
		t.see(id, models.ImportSystem, name, "", "reads from it, a knowledge base")
	}
}

func (t *templateReading) readCollaborators(p *node) {
	for _, c := range p.get("AgentCollaborators").itemsOf() {
		name := c.get("CollaboratorName")
		if name == nil || name.kind != text {
			t.warn(c, "A collaborator has no name, so nobody can say to whom the agent passes work on. Ask the agent's maker.")
			continue
		}
		t.del.add(name, name.text, "", "hands work to it as a collaborator")
	}
}

// wide matches policies that give far more than an agent needs.
var wide = regexp.MustCompile(`(FullAccess|AdministratorAccess|PowerUserAccess)$`)

// doubtRole warns of an agent whose role, in the same template, may do nearly everything.
func (t *templateReading) doubtRole(p *node) {
	role := p.get("AgentResourceRoleArn")
	if role == nil || role.kind != text {
		return
	}
	name, resource := t.resource(role)
	if resource == nil {
		return
	}
	for _, policy := range resource.get("Properties").get("ManagedPolicyArns").itemsOf() {
		if policy.kind == text && wide.MatchString(policy.text) {
			t.warn(role, fmt.Sprintf("The agent's role %s has the policy %s, which gives far more than its action groups need. Ask the agent's maker for a narrower one.", quote(name), quote(policy.text[strings.LastIndexByte(policy.text, '/')+1:])))
		}
	}
}

// resource is the resource of this template that n refers to, with its name; "" and nil for
// parameters and everything else that is known only when the template is deployed.
func (t *templateReading) resource(n *node) (name string, resource *node) {
	if !slices.Contains([]string{"!Ref", "!GetAtt"}, n.tag) {
		return "", nil
	}
	name, _, _ = strings.Cut(n.text, ".")
	if resource = t.resources.get(name); resource == nil {
		return "", nil
	}
	name, _ = withoutSecrets(name)
	name, _ = show(name, false)
	return cut(name, 200), resource
}

// foldIntrinsics turns {"Ref":…} and {"Fn::Sub":…} under n, as JSON writes them, and tagged lists
// into what the short forms of YAML become: a text with a tag.
func foldIntrinsics(n *node) {
	if n.kind == object && len(n.keys) == 1 && n.tag == "" {
		key, value := n.keys[0], n.members[n.keys[0]]
		if short, found := strings.CutPrefix(key, "Fn::"); found || key == "Ref" {
			if key == "Ref" {
				short = key
			}
			n.tag, n.text = "!"+safeKey(short), firstText(value)
		}
	}
	if n.tag != "" && n.tag != "!Sub" || n.tag != "" && n.kind != text {
		if n.kind != text {
			if n.text == "" {
				n.text = firstText(n)
			}
			if n.text == "" {
				n.text = strings.TrimPrefix(n.tag, "!")
			}
			n.kind, n.members, n.keys, n.items = text, nil, nil, nil
		}
		return
	}
	for _, key := range n.keys {
		foldIntrinsics(n.members[key])
	}
	for _, item := range n.items {
		foldIntrinsics(item)
	}
}

// firstText is the text of n, or the texts of a short list with points between: ["A","Arn"].
func firstText(n *node) string {
	if n.kind == text {
		return n.text
	}
	var parts []string
	for _, item := range n.items {
		if item.kind == text && len(parts) < 2 {
			parts = append(parts, item.text)
		}
	}
	return strings.Join(parts, ".")
}
