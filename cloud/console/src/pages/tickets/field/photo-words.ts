interface Taken {
  /** As people of the hall read it. */
  readonly at: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly name: string;
}

/** What stands in a photo: when, where (WGS-84) and who took it. Without a place it says none rather than another’s. */
export const photoWords = ({ at, lon, lat, name }: Taken): string =>
  [at, ...(lon === null || lat === null ? [] : [`${lat.toFixed(5)}, ${lon.toFixed(5)}`]), name].join('  ');
