package importers

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestTemplateOfSeveralAgents(t *testing.T) {
	data, err := os.ReadFile("testdata/bedrock_template.yaml")
	require.NoError(t, err)
	results := Read("template.yaml", data)
	requireSound(t, results)
	require.Len(t, results, 2)
	ledger, stage := results[0], results[1]

	require.Equal(t, "bedrock-template", ledger.Format)
	require.Equal(t, "ledger-agent", ledger.Name)
	require.Equal(t, "amazon.nova-lite-v1:0", ledger.Agent.Model)
	require.Equal(t, sha("You post entries.\n"), ledger.Agent.PromptDigest)
	require.Equal(t, models.AccessListed, ledger.Agent.Tools.Access, ledger.Agent.Tools.Note)
	require.Equal(t, []string{"post_entry", "find_entry", "getRates", "DELETE /rates", "AMAZON.UserInput", "knowledge base RateBooks"}, ledger.Agent.Tools.Listed)
	require.Equal(t, sha("Today's rates."), ledger.Agent.Tools.Digests["getRates"])
	require.Equal(t, "rota-agent", ledger.Agent.Delegates[0].Name)
	require.Equal(t, []string{"LedgerFunction", "RateBooks", "rota-agent"}, seen(ledger))
	requireWarning(t, ledger, "/Resources/LedgerAgent/Properties/AgentResourceRoleArn", "AmazonS3FullAccess")
	require.Len(t, ledger.Warnings, 1)

	require.Equal(t, "StageAgent", stage.Name)
	require.Empty(t, stage.Agent.Model)
	require.Empty(t, stage.Agent.PromptDigest)
	require.Equal(t, models.AccessUnknown, stage.Agent.Tools.Access)
	require.Empty(t, stage.Seen)
	in := "/Resources/StageAgent/Properties"
	requireWarning(t, stage, in+"/AgentName", "worked out")
	requireWarning(t, stage, in+"/FoundationModel", "works the model out")
	requireWarning(t, stage, in+"/Instruction", "worked out")
	requireWarning(t, stage, in+"/ActionGroups/0/ApiSchema", "in S3")
	requireWarning(t, stage, in+"/ActionGroups/1/ApiSchema/Payload", "cannot be read")
	requireWarning(t, stage, in+"/KnowledgeBases/0/KnowledgeBaseId", "worked out")
	requireNowhere(t, stage, "${")
	requireNowhere(t, stage, "resolve:ssm")
}

func seen(i models.Imported) []string {
	var names []string
	for _, s := range i.Seen {
		names = append(names, s.Name)
	}
	return names
}

func TestTemplateAsJSONSaysTheSame(t *testing.T) {
	const short = "Resources:\n  A:\n    Type: AWS::Bedrock::Agent\n    Properties:\n      AgentName: !Sub [\"a-${S}\", {S: b}]\n      FoundationModel: !If [Big, !Ref M, small]\n      Instruction: !Sub Do it.\n      Description: d\n      AgentResourceRoleArn: !GetAtt R.Arn\n      ActionGroups: !If [Big, [], []]\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns: [\"x/AdministratorAccess\"]\n"
	const long = `{"Resources":{"A":{"Type":"AWS::Bedrock::Agent","Properties":{"AgentName":{"Fn::Sub":["a-${S}",{"S":"b"}]},"FoundationModel":{"Fn::If":["Big",{"Ref":"M"},"small"]},"Instruction":{"Fn::Sub":"Do it."},"Description":"d","AgentResourceRoleArn":{"Fn::GetAtt":["R","Arn"]},"ActionGroups":{"Fn::If":["Big",[],[]]}}},
"R":{"Type":"AWS::IAM::Role","Properties":{"ManagedPolicyArns":["x/AdministratorAccess"]}}}}`
	yaml, asJSON := readOne(t, short), readOne(t, long)
	for _, i := range []models.Imported{yaml, asJSON} {
		require.Equal(t, "A", i.Name)
		require.Empty(t, i.Agent.Model)
		require.Equal(t, sha("Do it."), i.Agent.PromptDigest)
		requireWarning(t, i, "/Resources/A/Properties/ActionGroups", "worked out")
		requireWarning(t, i, "/Resources/A/Properties/AgentResourceRoleArn", "AdministratorAccess")
		i.Agent.Fields = nil
	}
	require.Equal(t, yaml.Agent, asJSON.Agent)
}

func TestTemplateWithoutAnAgentIsNamed(t *testing.T) {
	i := readOne(t, `{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"B":{"Type":"AWS::S3::Bucket"}}}`)
	require.Equal(t, "cloudformation", i.Format)
	require.True(t, i.Refused())
	i = readOne(t, `{"Resources":{"B":{"Type":"AWS::Bedrock::Agent"}}}`)
	require.True(t, i.Refused())
	require.Equal(t, "/Resources/B", i.Warnings[0].Where)
}

func TestDescriptionsInsideATemplateAreBounded(t *testing.T) {
	group := `{"ActionGroupName":"g","ApiSchema":{"Payload":"{\"paths\":{\"/a\":{\"get\":{\"operationId\":\"a\"}}}}"}}`
	i := readOne(t, `{"Resources":{"A":{"Type":"AWS::Bedrock::Agent","Properties":{"AgentName":"a","ActionGroups":[`+group+strings.Repeat(","+group, maxInside)+`]}}}}`)
	require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access)
	requireWarning(t, i, "/Resources/A/Properties/ActionGroups/20/ApiSchema/Payload", "more than 20")
}

func TestBedrockConfigurations(t *testing.T) {
	i := readOne(t, `{"agentName":"ledger-agent","agentDescription":"Posts.","agentInstruction":"You post entries.","agentModelId":"amazon.nova-lite-v1:0",
"knowledgeBaseName":"rates","dynamodbTableName":"entries","agentActionGroupName":"Posting","func_post_name":"post_entry","func_post_description":"Posts.","func_post_person_name":"who"}`)
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "bedrock-agent", i.Format)
	require.Equal(t, sha("You post entries."), i.Agent.PromptDigest)
	require.Equal(t, []string{"post_entry", "knowledge base rates"}, i.Agent.Tools.Listed)
	require.Equal(t, []string{"rates", "entries"}, seen(i))

	i = readOne(t, `{"agent_name":"ledger-agent","agent_description":"Posts.","agent_instruction":"You post.","agent_functions":[{"name":"post_entry","description":"Posts.","requireConfirmation":"ENABLED"}],"collaborators":[{"agent":"rota-agent"}]}`)
	require.Equal(t, []string{"post_entry"}, i.Agent.Tools.Listed)
	require.Equal(t, "rota-agent", i.Agent.Delegates[0].Name)
	require.Contains(t, fieldAt(t, i, "/agent_functions/0/requireConfirmation").Note, "is asked before")

	i = readOne(t, `{"agent":{"agentId":"A1","agentName":"ledger-agent","foundationModel":"m","instruction":"You post."}}`)
	require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access)
	requireWarning(t, i, "/agent", "lists none")
}

func TestFunctionsAreASystem(t *testing.T) {
	const functions = `{"code":"ledger.py","definition":[{"name":"post","description":"Posts.","parameters":{}},{"name":"find","parameters":{},"requireConfirmation":"ENABLED"}]}`
	i := readOne(t, functions)
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "ledger", i.System.Name)
	require.Equal(t, models.AccessListed, i.System.Access)
	require.Len(t, i.System.Operations, 2)
	require.Equal(t, "unknown", i.System.Operations[1].Access)
	require.Contains(t, i.System.Operations[1].Why, "is asked before")
	i = readOne(t, strings.Replace(functions, "ledger.py", "arn:aws:lambda:{region}:{account_id}:function:ledger", 1))
	require.Equal(t, "ledger", i.System.Name)
	requireWarning(t, i, "/code", "placeholder")
	require.True(t, readOne(t, strings.Replace(functions, "ledger.py", "${CODE}", 1)).Refused())
}

const ledgerAPI = `{"openapi":"3.0.0","info":{"title":"Ledger","version":"1","description":"Keeps entries."},"servers":[{"url":"https://ledger.nordlys.eu/v1"},{"url":"/v1"}],"security":[{"k":[]}],
"components":{"securitySchemes":{"k":{"type":"apiKey","in":"header","name":"X-Key"}}},
"paths":{"/entries":{"get":{"operationId":"list","summary":"Lists entries."},"post":{"description":"Posts one. At once.","x-requireConfirmation":"ENABLED"}},"/entries/{id}":{"delete":{"operationId":"drop"},"parameters":[]}}}`

func TestInterfaceDescriptionIsASystem(t *testing.T) {
	i := readOne(t, ledgerAPI)
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "openapi", i.Format)
	require.Equal(t, "Ledger", i.System.Name)
	require.Equal(t, []models.ImportedRemote{{Transport: "http", URL: "https://ledger.nordlys.eu/v1"}}, i.System.Remotes)
	require.Equal(t, []models.ImportedSecret{{Name: "X-Key", Required: true, Marked: true}}, i.System.Secrets)
	ops := i.System.Operations
	require.Len(t, ops, 3)
	require.Equal(t, models.ImportedOperation{Name: "list", Title: "Lists entries", Access: "unknown", Why: ops[0].Why}, ops[0])
	require.Equal(t, "POST /entries", ops[1].Name)
	require.Equal(t, "Posts one", ops[1].Title)
	require.Contains(t, ops[1].Why, "is asked before")
	require.Equal(t, []string{"irreversible"}, ops[2].Effects)

	var tree map[string]any
	require.NoError(t, json.Unmarshal([]byte(ledgerAPI), &tree))
	tree["paths"] = map[string]any{}
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	i = readOne(t, string(data))
	require.Equal(t, models.AccessUnknown, i.System.Access)
	requireWarning(t, i, "/paths", "no operations")
	old := readOne(t, `{"swagger":"2.0","info":{"title":"Ledger","version":"1","description":"d"},"host":"ledger.nordlys.eu","basePath":"/v1","paths":{"/a":{"get":{}}}}`)
	require.Equal(t, "https://ledger.nordlys.eu/v1", old.System.Remotes[0].URL)
}
