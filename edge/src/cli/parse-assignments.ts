import { HubError } from '@hallhub/shared';

/**
 * `name=value` pairs. A value that is JSON (a number, true, false, null, "text", […], {…}) is taken as that, anything else as
 * text; `name:=text` is always text.
 */
export const parseAssignments = (assignments: readonly string[]): Record<string, unknown> => {
  const values: Record<string, unknown> = Object.create(null);
  for (const assignment of assignments) {
    const match = /^([A-Za-z][A-Za-z0-9_.-]*)(:?=)([\s\S]*)$/.exec(assignment);
    const [, name, operator, text] = match ?? [];
    if (name === undefined || text === undefined) {
      throw new HubError('invalid_input', `“${assignment}” is not of the form name=value`);
    }
    values[name] = operator === ':=' ? text : parseValue(text);
  }
  return { ...values };
};

const parseValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
