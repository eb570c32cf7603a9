/** The cosine between two, 0 where they point apart: 0 to 1. */
export const cosineLikeness = (a: Float32Array, b: Float32Array): number => {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    product += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return share(product / Math.sqrt(ofA * ofB));
};

/** 1 where they are the same, 0 where they are `apart` or more from each other. */
export const distanceLikeness = (a: Float32Array, b: Float32Array, apart: number): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return share(1 - Math.sqrt(sum) / apart);
};

/** What is no number says nothing: not alike. */
const share = (value: number): number => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0);
