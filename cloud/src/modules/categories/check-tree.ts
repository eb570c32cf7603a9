import { HubError } from '@hallhub/shared';
import { deepest, type SetCategoryTree } from './contract.js';

type Items = SetCategoryTree['items'];

const faultOf = (items: Items): { readonly at: string; readonly message: string } | undefined => {
  const parents = new Map<string, string | null>();
  for (const [i, { code, parent }] of items.entries()) {
    if (parents.has(code)) return { at: `items.${i}.code`, message: `${code} is there twice` };
    parents.set(code, parent);
  }
  for (const [i, { code, parent }] of items.entries()) {
    if (parent !== null && !parents.has(parent)) return { at: `items.${i}.parent`, message: `There is no ${parent}` };
    let depth = 1;
    for (let at = parent; at !== null; at = parents.get(at) ?? null) {
      if (at === code) return { at: `items.${i}.parent`, message: `${code} lies below itself` };
      depth += 1;
      if (depth > deepest) return { at: `items.${i}`, message: `${code} lies deeper than ${deepest} levels` };
    }
  }
  return undefined;
};

/** Errors: `invalid_input` where codes are there twice, parents are missing, or it is no tree. */
export const requireTree = (items: Items): void => {
  const fault = faultOf(items);
  if (!fault) return;
  const { at, message } = fault;
  throw new HubError('invalid_input', message, { context: { errors: [{ path: `body.${at}`, message }] } });
};
