package api

// FieldMessage is fieldMessage for tests.
var FieldMessage = fieldMessage
