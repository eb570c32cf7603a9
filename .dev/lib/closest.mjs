/** The candidate closest to `word`, or undefined when none is close enough to be what was meant. */
export function closest(word, candidates) {
  let best;
  let bestCost = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const cost = editDistance(word, candidate);
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, swap));
    }
    row = next;
  }
  return row[b.length];
}
