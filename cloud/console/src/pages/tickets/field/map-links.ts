export type MapApp = 'own' | 'amap' | 'baidu' | 'tencent';

/** Where a map is opened with the way to a place (WGS-84). None is asked before somebody presses. */
export const mapLinks = (
  { lon, lat, name }: { readonly lon: number; readonly lat: number; readonly name: string },
  userAgent: string,
): { readonly app: MapApp; readonly href: string }[] => {
  const word = encodeURIComponent(name);
  const own = /iPhone|iPad|Macintosh/.test(userAgent)
    ? `https://maps.apple.com/?daddr=${lat},${lon}&q=${word}`
    : `geo:${lat},${lon}?q=${lat},${lon}(${word})`;
  const baidu = `location=${lat},${lon}&title=${word}&content=${word}&coord_type=wgs84&output=html&src=hallhub`;
  const tencent = `type=drive&to=${word}&tocoord=${lat},${lon}&coord_type=1&policy=0&referer=hallhub`;
  return [
    { app: 'own', href: own },
    {
      app: 'amap',
      href: `https://uri.amap.com/navigation?to=${lon},${lat},${word}&mode=car&coordinate=wgs84&callnative=1`,
    },
    { app: 'baidu', href: `https://api.map.baidu.com/marker?${baidu}` },
    { app: 'tencent', href: `https://apis.map.qq.com/uri/v1/routeplan?${tencent}` },
  ];
};
