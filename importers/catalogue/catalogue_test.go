package catalogue

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestCatalogues(t *testing.T) {
	all, err := All()
	require.NoError(t, err)
	require.Less(t, len(embedded), 400_000)
	total, names, keys := 0, map[string]bool{}, map[string]bool{}
	for _, p := range all {
		require.NotZero(t, p.Operations, p.ID)
		total += p.Operations
		for _, s := range p.Systems {
			require.False(t, names[s.Name], "two systems are called %s", s.Name)
			require.False(t, keys[s.Key], s.Key)
			names[s.Name], keys[s.Key] = true, true
			in := s.Imported()
			require.Equal(t, s.Operations, len(in.System.Operations))
			require.LessOrEqual(t, s.Operations, 5000)
			seen := map[string]bool{}
			for _, o := range in.System.Operations {
				require.False(t, seen[o.Name], o.Name)
				seen[o.Name] = true
				require.NotEmpty(t, o.Title, o.Name)
				require.NotContains(t, o.Effects, "", o.Name)
			}
		}
	}
	require.Greater(t, total, 20_000)
	_, ok := ByID("nothing")
	require.False(t, ok)
}

// What a permission is taken for, one of each kind.
func TestLevels(t *testing.T) {
	at := map[string]models.ImportedOperation{}
	all, err := All()
	require.NoError(t, err)
	for _, p := range all {
		for _, s := range p.Systems {
			for _, o := range s.Imported().System.Operations {
				at[s.Key+" "+o.Name] = o
			}
		}
	}
	for name, want := range map[string]string{
		"aws/s3 s3:ListBucket":                                                  "list",
		"aws/s3 s3:GetObject":                                                   "read sensitive-records",
		"aws/s3 s3:PutObject":                                                   "write",
		"aws/s3 s3:PutBucketPolicy":                                             "permissions", // level and exposure
		"aws/s3 s3:DeleteBucket":                                                "write irreversible modifies-infrastructure",
		"aws/ec2 ec2:RunInstances":                                              "write modifies-infrastructure",
		"aws/iam iam:PassRole":                                                  "permissions", // its level is Write
		"aws/ecr ecr:GetAuthorizationToken":                                     "permissions", // its level is Read
		"aws/glue glue:GetPartitionMetadata":                                    "unknown",
		"gcp/container container.nodes.proxy":                                   "permissions",
		"gcp/storage storage.objects.get":                                       "read sensitive-records",
		"gcp/bigquery bigquery.connections.use":                                 "unknown sensitive-records",
		"google/gmail https://mail.google.com/":                                 "write irreversible sensitive-records",
		"google/drive https://www.googleapis.com/auth/drive.readonly":           "read sensitive-records",
		"google/directory https://www.googleapis.com/auth/admin.directory.user": "permissions sensitive-records",
		"google/directory https://www.googleapis.com/auth/admin.directory.user.readonly": "read sensitive-records",
		"github/github repo":                    "write",
		"github/github admin:org":               "permissions",
		"github/github delete_repo":             "write irreversible",
		"github/github workflow":                "permissions",
		"slack/slack channels:history":          "read sensitive-records",
		"slack/slack admin.users:write":         "permissions",
		"kubernetes/kubernetes get":             "read",
		"kubernetes/kubernetes get nodes/proxy": "permissions",
		"kubernetes/kubernetes get secrets":     "permissions sensitive-records",
		"kubernetes/kubernetes delete":          "write irreversible modifies-infrastructure",
		"kubernetes/kubernetes impersonate":     "permissions",
	} {
		o, ok := at[name]
		require.True(t, ok, name)
		require.Equal(t, want, strings.Join(append([]string{o.Access}, o.Effects...), " "), name)
	}
}

func TestTitles(t *testing.T) {
	for name, want := range map[string]string{
		"s3:PutObject": "Put object", "ec2:DescribeVPCs": "Describe VPCs", "ec2:CreateDBCluster": "Create DB cluster",
		"https://www.googleapis.com/auth/drive.readonly": "Drive readonly", "admin:repo_hook": "Admin repo hook",
		"channels:history": "Channels history", "compute.instances.setIamPolicy": "Compute instances set iam policy", "get nodes/proxy": "Get nodes proxy",
	} {
		require.Equal(t, want, title(name), name)
	}
}
