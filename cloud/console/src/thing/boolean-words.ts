import type { Label } from '@hallhub/shared';

/** How yes and no are said: of something that is wrong, switched, wired, there, or simply so. */
export type BooleanKind = 'trouble' | 'switched' | 'wired' | 'there' | 'so';

interface BooleanShape {
  id: string;
  label: Label | string;
}

/** Words that name a trouble when they are true. */
const trouble =
  /\b(faults?|fail(s|ed|ure|ures)?|errors?|alarms?( of type \w)?|problem|warning|leak|smoke|flood|water|gas|intrusion|tampered|blocked|overload|shut ?down by|over ?(voltage|temperature|current)|under ?voltage|abnormal|battery low|too (hot|dark|cold)|out ?(of|side) (the )?(range|tolerance|reliable range)|not acceptable|paper (out|near end)|near the end|break|disconnected|circuit open|line open|disrupted|unplugged|wrong|contamination|obstructed|blurry|needs|replacement|discharged|imminent|overflow|above its limit|invalid|off-line|filter sign|held open)\b/i;
const wired = /^((alarm|digital) )?(relay|output|outlet|input|contactor)( (port )?\d+)?( active)?$/i;
/** Sentences that are simply so or not, whoever may set them. */
const said = /(locked|open|opened|enabled|off|in use|asleep|sleeping|inverted|connected|detected|ready|allowed)$/i;
const switched =
  /^(on|was on)$|\b(mode|power|light|vibration filter|suppression|obstruction detection|chime|fade|brightness|show|play|lock|beeper on|on or off|lights? on|switched on)\b/i;
const silent = /\b(muted?|silenced)\b/i;
const there = /^(video stream|with audio|motion|person|parcel|vehicle|animal|speech|somebody)/i;

/** Judged by the English name, as profiles have no words of their own for a yes or no. */
export function booleanKind({ id, label }: BooleanShape): BooleanKind {
  const name = typeof label === 'string' ? label : (label.en ?? '');
  const text = name || id;
  if (wired.test(text)) return 'wired';
  if (silent.test(text)) return 'switched';
  if (trouble.test(text)) return 'trouble';
  if (there.test(text)) return 'there';
  if (said.test(text)) return 'so';
  return switched.test(text) ? 'switched' : 'so';
}
