package store

import "countersign/models"

// decisionColumns are those of the log, in the order of appendDecision.
var decisionColumns = [...]string{"id", "at", "allow", "rule", "gateway_id", "subject", "agent_id", "capability_id", "mandate_id", "version_id", "digest", "operation_id", "operation", "system", "resource",
	"sensitivity", "volume", "manifest", "attested", "task_run", "instance", "trace", "environment", "chain", "policies", "request_id"}

const decisionWidth = len(decisionColumns)

func appendDecision(to []any, d *models.Decision) []any {
	return append(to, d.ID, int64(d.At), allowed(d.Allow), d.Rule, d.GatewayID, d.Subject, d.AgentID, d.CapabilityID, d.MandateID, d.VersionID, d.Digest, d.OperationID, d.Operation, d.System, d.Resource,
		d.Sensitivity, d.Volume, d.Manifest, d.Attested, d.TaskRun, d.Instance, d.Trace, d.Environment, d.Chain, d.Policies, d.RequestID)
}

// allowed is a truth as both engines keep it.
func allowed(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
