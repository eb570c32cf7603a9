import { isHubError } from '../../errors/index.js';
import type { FrameBytes, SerialBinding } from '../serial-schema.js';
import { encodeNumber } from './frame-number.js';
import type { TemplateValues } from './template.js';
import { encodeText } from './text-codec.js';

/** The parameters as the binding states them. */
export function paramDefaults(binding: Pick<SerialBinding, 'params'>): TemplateValues {
  return Object.fromEntries(Object.entries(binding.params).map(([id, param]) => [id, param.default]));
}

/** The parameter as it stands in a frame, or undefined where the device has none that fits there. */
export function paramBytes(rule: FrameBytes, params: TemplateValues): Uint8Array | undefined {
  const name = rule.param ?? '';
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (value === undefined) return undefined;
  try {
    const type = rule.type ?? 'u8';
    if (type !== 'text') return encodeNumber({ type, order: rule.order ?? 'big', bytes: rule.bytes }, value, name);
    // A number of a fixed width has zeros before it, as {address:2} of a text to send has.
    const text = typeof value === 'number' ? String(value).padStart(rule.bytes ?? 0, '0') : String(value);
    return rule.bytes !== undefined && text.length !== rule.bytes ? undefined : encodeText(text, 'ascii');
  } catch (error) {
    if (isHubError(error, 'invalid_input')) return undefined;
    throw error;
  }
}
