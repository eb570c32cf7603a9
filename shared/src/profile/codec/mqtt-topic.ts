const placeholder = '{device}';
const special = /[.*?^${}()|[\]\\+]/g;

/** The topic of one device: `tele/{device}/SENSOR` -> `tele/lobby-1/SENSOR`. A + level stays one, for subscribing. */
export function topicFor(template: string, device: string): string {
  // As a function: a name may hold what a replacement text gives a meaning, such as $&.
  return template.replaceAll(placeholder, () => device);
}

/**
 * A filter that hears every device of the template. A wildcard is a whole level (MQTT 3.1.1 section 4.7.1), so
 * `dt/x-{device}/up` becomes `dt/+/up`: what comes is still to be tried with `deviceOfTopic`.
 */
export function filterForAll(template: string): string {
  return template
    .split('/')
    .map((level) => (level.includes(placeholder) ? '+' : level))
    .join('/');
}

/** Templates come from profiles, whose number is bounded; the same few are tried for every message. */
const compiled = new Map<string, RegExp>();
const maxCompiled = 4_096;

/** The device’s name in a topic; empty where the template names none; undefined where the topic does not fit the template. */
export function deviceOfTopic(template: string, topic: string): string | undefined {
  let pattern = compiled.get(template);
  if (!pattern) {
    if (compiled.size >= maxCompiled) compiled.clear();
    pattern = compile(template);
    compiled.set(template, pattern);
  }
  const match = pattern.exec(topic);
  return match ? (match.groups?.device ?? '') : undefined;
}

function compile(template: string): RegExp {
  let named = false;
  const levels = template.split('/').map((level) => {
    if (level === '+') return '[^/]*';
    return level
      .split(placeholder)
      .map((text) => text.replace(special, '\\$&'))
      .reduce((before, after) => {
        const name = named ? '\\k<device>' : '(?<device>[^/]+)';
        named = true;
        return `${before}${name}${after}`;
      });
  });
  return new RegExp(`^${levels.join('/')}$`, 'u');
}
