// Package account has the AWS account that the local stack pretends to be. Its
// credentials open nothing: the emulators accept any.
package account

// What Lambda, the gateway and the emulators say about the account.
const (
	Region          = "us-east-1"
	ID              = "000000000000"
	AccessKeyID     = "local"
	SecretAccessKey = "local"
	SessionToken    = "local"
)

// ARN returns the ARN of something that the account has:
//
//	ARN("lambda", "function:MeGet") is arn:aws:lambda:us-east-1:000000000000:function:MeGet
func ARN(service, resource string) string {
	return "arn:aws:" + service + ":" + Region + ":" + ID + ":" + resource
}
