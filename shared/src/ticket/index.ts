export * from './clock/run-clock.js';
export * from './clock/work-calendar.js';
export * from './engine/apply-event.js';
export * from './engine/decide.js';
export * from './engine/decide-context.js';
export * from './engine/ticket-command.js';
export * from './engine/ticket-event.js';
export * from './engine/ticket-state.js';
export * from './kind/check-field.js';
export * from './kind/clock-schema.js';
export * from './kind/field-schema.js';
export * from './kind/kind-schema.js';

export * from './kind/party-schema.js';
export * from './lint/kind-fault.js';
export * from './lint/lint-kind.js';
export * from './view/ticket-request.js';
export * from './view/ticket-view.js';
