import { type ParsedProfile, type ParsedTemplate, parseSource, parseTemplate } from '../parse-profile.js';
import type { ComposeContext } from './compose-profile.js';
import { type ReadYaml, readYaml, type YamlSource } from './yaml-source.js';

interface KnownProfile {
  parsed: ParsedProfile;
  /** True while all that the profile was made of is what it was. */
  holds: (context: ComposeContext) => boolean;
}

/**
 * What is known of a corpus from the last time it was loaded, so that only what changed is parsed again: a unit that looks
 * after its devices has no half second to spare. What has not changed is the same object as before.
 */
export class CorpusMemory {
  #files = new Map<string, { text: string; read: ReadYaml }>();
  readonly #templates = new WeakMap<YamlSource, ParsedTemplate>();
  readonly #profiles = new WeakMap<YamlSource, KnownProfile>();

  /** Forgets files that are gone. */
  keep(paths: ReadonlySet<string>): void {
    this.#files = new Map([...this.#files].filter(([path]) => paths.has(path)));
  }

  read(path: string, text: string): ReadYaml {
    const known = this.#files.get(path);
    if (known?.text === text) return known.read;
    const read = readYaml(text, path);
    this.#files.set(path, { text, read });
    return read;
  }

  template(source: YamlSource): ParsedTemplate {
    const parsed = this.#templates.get(source) ?? parseTemplate(source);
    this.#templates.set(source, parsed);
    return parsed;
  }

  profile(source: YamlSource, context: ComposeContext): ParsedProfile {
    const known = this.#profiles.get(source);
    if (known?.holds(context)) return known.parsed;
    const asked: ((context: ComposeContext) => boolean)[] = [];
    const parsed = parseSource(source, {
      template: (name) => {
        const answer = context.template(name);
        asked.push((now) => now.template(name) === answer);
        return answer;
      },
      base: (id) => {
        const answer = context.base(id);
        asked.push((now) => now.base(id) === answer);
        return answer;
      },
    });
    this.#profiles.set(source, { parsed, holds: (now) => asked.every((same) => same(now)) });
    return parsed;
  }
}
