export { ERROR_STATUS, type ErrorCode, isErrorCode } from './codes.js';
export { type FieldError, type ProblemDetails, ProblemError } from './problem-error.js';
