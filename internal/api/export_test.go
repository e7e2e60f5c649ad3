package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// FieldMessage is fieldMessage for tests.
var FieldMessage = fieldMessage

// Check holds an answer against the schema of its operation.
func (a *API) Check(id string, body []byte) []error {
	o := a.huma.OpenAPI()
	for _, op := range a.ops {
		if op.id != id {
			continue
		}
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return []error{err}
		}
		res := &huma.ValidateResult{}
		huma.Validate(o.Components.Schemas, operationOf(o, op).Responses["200"].Content["application/json"].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, res)
		return res.Errors
	}
	return nil
}
