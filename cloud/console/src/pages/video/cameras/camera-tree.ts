import type { CameraHall, CameraPlaces } from '../../../api/vision.js';

export interface RegionNode {
  readonly regionId: string;
  readonly name: string;
  readonly regions: readonly RegionNode[];
  readonly halls: readonly CameraHall[];
  readonly cameras: number;
  readonly watching: number;
  readonly trouble: number;
}

const sums = ['cameras', 'watching', 'trouble'] as const;

/** Regions as they stand in one another; a region above that is not known, or stands in itself, makes its own top. */
export const cameraTree = ({ regions, halls }: CameraPlaces): RegionNode[] => {
  const known = new Map(regions.map((region) => [region.regionId, region]));
  const isBelow = (id: string, above: string): boolean => {
    for (let at = known.get(id), steps = 0; at && steps < 64; at = known.get(at.parentId ?? ''), steps++)
      if (at.parentId === above) return true;
    return false;
  };
  const nodeOf = (regionId: string, name: string): RegionNode => {
    const below = regions
      .filter(({ parentId, regionId: id }) => parentId === regionId && !isBelow(regionId, id))
      .map((region) => nodeOf(region.regionId, region.name));
    const own = halls.filter((hall) => hall.regionId === regionId);
    const [cameras, watching, trouble] = sums.map((sum) =>
      [...below, ...own].reduce((all, part) => all + part[sum], 0),
    ) as [number, number, number];
    return { regionId, name, regions: below, halls: own, cameras, watching, trouble };
  };
  const isTop = ({ parentId, regionId }: CameraPlaces['regions'][number]) =>
    parentId === null || !known.has(parentId) || isBelow(parentId, regionId);
  return regions
    .filter(isTop)
    .map(({ regionId, name }) => nodeOf(regionId, name))
    .filter(({ cameras }) => cameras > 0);
};
