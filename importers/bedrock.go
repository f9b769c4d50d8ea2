package importers

import (
	"regexp"
	"strings"

	"countersign/models"
)

// Agents of Amazon Bedrock as JSON: what the service answers of an agent, the configurations
// that programs make one from, and the functions of an action group.

// bedrockAgent is the part of root that describes an agent; nil when root is something else.
func bedrockAgent(root *node) *node {
	for _, n := range []*node{root, root.get("agent")} {
		if !n.has(n.either("agentName", "agent_name"), text) {
			continue
		}
		for _, key := range []string{
			"agentInstruction", "agent_instruction", "instruction", "foundationModel", "foundation_model", "agentModelId", "agentResourceRoleArn",
			"agentArn", "agent_functions", "agentFunctions", "actionGroups", "action_groups", "agentActionGroupName", "agent_action_group_name",
		} {
			if n.has(key) {
				return n
			}
		}
	}
	return nil
}

func looksLikeBedrockAgent(root *node) bool { return bedrockAgent(root) != nil }

var (
	bedrockKnown = []string{
		"agentName", "agent_name", "agentDescription", "agent_description", "description", "agentInstruction", "agent_instruction", "instruction",
		"foundationModel", "foundation_model", "agentModelId", "agent_model_id", "agentVersion", "agent_functions", "agentFunctions",
		"actionGroups", "action_groups", "agentCollaborators", "collaborators", "knowledgeBaseName", "knowledge_base_name", "promptOverrideConfiguration",
	}
	functionKey = regexp.MustCompile(`^(func(?:tion)?_.+)_name$`)
	groupKey    = regexp.MustCompile(`(?i)action_?group_?name$`)
)

func readBedrockAgent(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "bedrock-agent", models.ImportAgent
	n := bedrockAgent(root)
	name := n.either("agentName", "agent_name")
	a := &models.ImportedAgent{
		Name: r.text(n, name, named("name", "the agent's name", "Write the agent's name into the file and import it again.")),
		Description: r.text(n, n.either("agentDescription", "agent_description", "description"), want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what the agent is for."}),
		Version:      r.text(n, "agentVersion", named("version", "the agent's version", "")),
		Model:        r.model(n, n.either("foundationModel", "foundation_model", "agentModelId", "agent_model_id"), "The file leaves open which model the agent runs on."),
		PromptDigest: bedrockPrompt(r, n, n.either("agentInstruction", "agent_instruction", "instruction")),
	}
	acc, del := accessOf(r), &delegates{r: r}
	toolsFrom := readBedrockTools(r, n, acc)
	for _, key := range []string{"agentCollaborators", "collaborators"} {
		for _, c := range n.get(key).itemsOf() {
			if who := c.get(c.either("collaboratorName", "collaborator_name", "agentName", "agent_name", "agent", "name")); who != nil {
				del.add(who, who.text, "", "hands work to it as a collaborator")
			}
		}
	}
	a.Tools, a.Delegates = acc.end(n, toolsFrom), del.list
	r.setAside(n, bedrockKnown)
	r.keepAgent(a, n, name)
}

// bedrockPrompt is the digest of the instruction under key; one that is worked out is no prompt yet.
func bedrockPrompt(r *reading, n *node, key string) string {
	said := n.get(key)
	if over := n.get(n.either("promptOverrideConfiguration", "PromptOverrideConfiguration")); over != nil && over.kind == object {
		r.warn(over, "The agent's prompts are replaced here beyond its instruction, and the digest does not cover that. Look at them as well.")
	}
	switch {
	case said == nil || said.kind != text:
		return r.prompt(n, n.line)
	case said.worksOut():
		message := "The agent's instruction is worked out when it is made, so nobody can say yet what it will be."
		r.warn(said, message)
		r.note(models.ImportedField{Field: "promptDigest", Pointer: said.pointer(), Line: said.line, Status: models.FieldPlaceholder, Note: message})
		return ""
	}
	return r.prompt(said, said.line, said.text)
}

// readBedrockTools reads the functions and knowledge bases of an agent, and names the field
// that lists them.
func readBedrockTools(r *reading, n *node, acc *access) (from string) {
	from = n.either("agent_functions", "agentFunctions", "actionGroups", "action_groups")
	for _, key := range []string{"agent_functions", "agentFunctions"} {
		for _, f := range n.get(key).itemsOf() {
			addFunction(r, acc, f, "name", "description", f.get(f.either("requireConfirmation", "require_confirmation")))
		}
	}
	for _, key := range []string{"actionGroups", "action_groups"} {
		for _, g := range n.get(key).itemsOf() {
			readGroupFunctions(r, acc, g)
		}
	}
	for _, key := range n.keys {
		value := n.members[key]
		if stem := functionKey.FindStringSubmatch(key); stem != nil && n.has(stem[1]+"_description", text) { // func_book_name
			acc.add(value, value.text)
			acc.describe(value.text, n.get(stem[1]+"_description"))
		} else if groupKey.MatchString(key) && value.kind == text {
			r.note(models.ImportedField{Value: brief(value), Pointer: value.pointer(), Line: value.line, Status: models.FieldRead, Note: "An action group of the agent."})
		}
	}
	if len(acc.named) == 0 && len(acc.open) == 0 {
		acc.doubt(n, "The file lists none of the agent's functions.")
	}
	readBedrockStores(r, n, acc)
	return from
}

// readBedrockStores reads what such a configuration says of data that the agent works on.
func readBedrockStores(r *reading, n *node, acc *access) {
	for _, store := range []struct {
		how  string
		keys []string
	}{
		{"reads from it, a knowledge base", []string{"knowledgeBaseName", "knowledge_base_name"}},
		{"its functions keep data in it, a DynamoDB table", []string{"dynamodbTableName", "dynamodb_table"}},
		{"its knowledge is kept in it, an S3 bucket", []string{"s3BucketName", "bucket_name"}},
	} {
		value := n.get(n.either(store.keys...))
		if value == nil || value.kind != text || value.text == "" {
			continue
		}
		r.see(value, models.ImportSystem, value.text, "", store.how)
		if strings.HasPrefix(store.how, "reads") {
			acc.add(value, "knowledge base "+value.text)
		}
	}
}

// readGroupFunctions adds the functions of an action group as the service's answers have them.
func readGroupFunctions(r *reading, acc *access, group *node) {
	list := group.get("functionSchema").get("functions")
	if list == nil {
		list = group.get("functions")
	}
	if len(list.itemsOf()) == 0 {
		acc.doubt(group, "An action group does not list its functions here.")
		return
	}
	for _, f := range list.items {
		addFunction(r, acc, f, "name", "description", f.get("requireConfirmation"))
	}
}

// addFunction adds one function of an agent, and notes whether a person is asked before it.
func addFunction(r *reading, acc *access, f *node, nameKey, descriptionKey string, confirm *node) {
	name := f.get(nameKey)
	if name == nil || name.kind != text {
		acc.doubt(f, "A function has no name.")
		return
	}
	acc.add(name, name.text)
	acc.describe(name.text, f.get(descriptionKey))
	if said := confirmation(confirm); said != "" {
		r.note(models.ImportedField{Value: brief(name), Pointer: confirm.pointer(), Line: confirm.line, Status: models.FieldUnverified, Note: strings.TrimSpace(said)})
	}
}

// functionList is the functions of an action group on their own; nil when root is something else.
func functionList(root *node) *node {
	for _, list := range []*node{root.get("definition"), root.get("functionSchema").get("functions"), root.get("functions")} {
		if items := list.itemsOf(); len(items) > 0 && items[0].has("name", text) && items[0].has("parameters", object) && !root.has("name_for_human") && !root.has("display_information") {
			return list
		}
	}
	return nil
}

func looksLikeFunctions(root *node) bool { return functionList(root) != nil }

// readFunctions reads the functions of an action group: a system, which the program behind it is.
func readFunctions(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "bedrock-functions", models.ImportSystem
	s := &models.ImportedSystem{Kind: "internal_api", Access: models.AccessListed}
	s.Name = functionsName(r, root)
	ops := operationsOf(r, s)
	list := functionList(root)
	for _, n := range r.items(list, want{noun: "the functions"}, maxOperations) {
		before := len(r.fields)
		op := models.ImportedOperation{
			Name:              r.text(n, "name", named(ops.field("name"), "the function's name", "")),
			DescriptionDigest: digestOf(n.get("description")),
			Why:               "The file does not say what it changes, so it counts as the highest.",
		}
		op.Title = ops.title(nil, n.get("description"))
		op.Why += confirmation(n.get(n.either("requireConfirmation", "require_confirmation")))
		ops.add(n, op, before)
	}
	ops.end(list)
	r.allListed(s, list, "function", "These are the functions that agents are told of. The program behind them may do more.")
	r.setAside(root, []string{"definition", "code", "functionSchema", "functions", "actionGroupName", "description"})
	r.keepSystem(s, root, "code")
}

// functionsName is the action group's name, or that of the program that carries it out: the end
// of an ARN, or a file without its ending.
func functionsName(r *reading, root *node) string {
	if root.has("actionGroupName", text) {
		return r.text(root, "actionGroupName", named("name", "the action group's name", "Write its name into the file and import it again."))
	}
	code := root.get("code")
	if code == nil || code.kind != text {
		return nameFromFile(r, root, "A list of functions")
	}
	if isAddressPlaceholder(code.text) {
		r.warn(code, addressGapFound(want{noun: "the address of the program"}, code.text))
	}
	name := code.text[strings.LastIndexAny(code.text, "/:")+1:]
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	w := named("name", "the program's name", "Write the program's name into the file and import it again.")
	kept, shown, status, note := r.take(&node{kind: text, text: name, line: code.line, parent: code.parent, key: code.key}, w)
	r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: code.pointer(), Line: code.line, Status: status, Note: note})
	return kept
}
