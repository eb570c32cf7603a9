/** MQTT 3.1.1 section 4.7. */
export const fitsFilter = (filter: string, topic: string): boolean => {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  // Section 4.7.2: a wildcard at the start does not reach the broker's own topics.
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (i >= given.length) return false;
    if (wanted[i] !== '+' && wanted[i] !== given[i]) return false;
  }
  return wanted.length === given.length;
};

/** Whether everything that `filter` can match is matched by `allowed` too. */
export const coversFilter = (allowed: string, filter: string): boolean => {
  const [wide, narrow] = [allowed.split('/'), filter.split('/')];
  for (let i = 0; i < wide.length; i++) {
    if (wide[i] === '#') return true;
    if (i >= narrow.length || narrow[i] === '#') return false;
    if (wide[i] !== '+' && wide[i] !== narrow[i]) return false;
  }
  return wide.length === narrow.length;
};
