/**
 * What stays where it is: of each byte the median over pictures of one size. A few dozen pictures, far enough apart that
 * nobody stands in the same place in half of them.
 */
export const medianPicture = (pictures: readonly Uint8Array[]): Uint8Array => {
  const [first] = pictures;
  if (!first) throw new RangeError('no pictures');
  const median = new Uint8Array(first.length);
  const values = new Uint8Array(pictures.length);
  const middle = pictures.length >> 1;
  for (let at = 0; at < median.length; at++) {
    // Nearly sorted most of the time, where insertion is quickest: the ground does not change.
    for (let i = 0; i < pictures.length; i++) {
      const value = pictures[i]![at]!;
      let j = i;
      for (; j > 0 && values[j - 1]! > value; j--) values[j] = values[j - 1]!;
      values[j] = value;
    }
    median[at] = values[middle]!;
  }
  return median;
};
