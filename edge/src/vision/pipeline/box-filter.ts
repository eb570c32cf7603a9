import type { Box } from '@hallhub/shared/vision';

/** One coordinate: where it is, how fast it changes, and how sure that is (a Kalman filter of two states). */
interface Axis {
  place: number;
  speed: number;
  varPlace: number;
  covariance: number;
  varSpeed: number;
}

/** Shares of the box's height: of a detector's edges, of the speed of somebody who just came in, of how hard one can turn. */
const measuredShare = 0.05;
const firstSpeedShare = 0.6;
const turnShare = 1.2;
/** Who is not seen is supposed to slow down: the guess shall not run away. */
const lostSpeedHalfLifeS = 1;

/**
 * Follows a box with constant speed. Middle, width and height are filtered each by itself: that is what the eight-state
 * filter of SORT and ByteTrack comes to, whose matrices couple nothing else. Units: the picture's fractions and seconds.
 */
export class BoxFilter {
  #axes: [Axis, Axis, Axis, Axis];

  constructor(box: Box) {
    const height = box[3];
    const axis = (place: number, isSize: boolean): Axis => ({
      place,
      speed: 0,
      varPlace: (2 * measuredShare * height) ** 2,
      covariance: 0,
      varSpeed: (firstSpeedShare * height * (isSize ? 0.25 : 1)) ** 2,
    });
    const [x, y, width] = [box[0] + box[2] / 2, box[1] + box[3] / 2, box[2]];
    this.#axes = [axis(x, false), axis(y, false), axis(width, true), axis(height, true)];
  }

  /** As it is believed to be; may reach over the picture's edge. */
  get box(): Box {
    const [x, y, width, height] = this.#axes.map(({ place }) => place) as [number, number, number, number];
    const [w, h] = [Math.max(width, 1e-4), Math.max(height, 1e-4)];
    return [x - w / 2, y - h / 2, w, h];
  }

  /** Of the middle: to the right and downwards, a second. */
  get speed(): readonly [number, number] {
    return [this.#axes[0].speed, this.#axes[1].speed];
  }

  predict(stepS: number, isLost: boolean): void {
    const height = Math.max(this.#axes[3].place, 1e-4);
    const slow = isLost ? 0.5 ** (stepS / lostSpeedHalfLifeS) : 1;
    this.#axes.forEach((axis, index) => {
      const turn = (turnShare * height * (index < 2 ? 1 : 0.25)) ** 2;
      axis.place += axis.speed * stepS;
      axis.varPlace += stepS * (2 * axis.covariance + stepS * axis.varSpeed) + (turn * stepS ** 4) / 4;
      axis.covariance += stepS * axis.varSpeed + (turn * stepS ** 3) / 2;
      axis.varSpeed += turn * stepS ** 2;
      axis.speed *= slow;
    });
  }

  /** `confidence`: what a detector is less sure of, moves the box less. */
  correct(box: Box, confidence: number): void {
    const noise = (measuredShare * Math.max(box[3], this.#axes[3].place) * (1.5 - confidence)) ** 2;
    const seen = [box[0] + box[2] / 2, box[1] + box[3] / 2, box[2], box[3]];
    this.#axes.forEach((axis, index) => {
      const gain = axis.varPlace / (axis.varPlace + noise);
      const speedGain = axis.covariance / (axis.varPlace + noise);
      const off = (seen[index] as number) - axis.place;
      axis.place += gain * off;
      axis.speed += speedGain * off;
      axis.varSpeed -= speedGain * axis.covariance;
      axis.covariance *= 1 - gain;
      axis.varPlace *= 1 - gain;
    });
  }

  /** Nothing moves in the picture. */
  rest(): void {
    for (const axis of this.#axes) axis.speed = 0;
  }
}
