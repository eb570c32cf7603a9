import { existsSync } from 'node:fs';
import type { MissingProgram } from '../rtsp-stream.js';

/** What Debian's package of OpenCV's examples brings: 79.5 s of people on a square, 768 x 576, 10 pictures a second. */
const packagedFile = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';

export const streetPictures = { width: 768, height: 576, fps: 10, frames: 795 } as const;
export const footagePackage = 'opencv-doc';

/** The real footage that cameras play and scenes are cut out of: HALLHUB_FOOTAGE, or where the package puts it. */
export const findStreetFootage = (env: NodeJS.ProcessEnv = process.env): { file: string } | MissingProgram => {
  const file = env.HALLHUB_FOOTAGE || packagedFile;
  if (existsSync(file)) return { file };
  // Images for containers often leave out everything under /usr/share/doc, also of a package that is installed.
  const isLeftOut = !env.HALLHUB_FOOTAGE && existsSync('/usr/share/doc/opencv-doc');
  const include = `-o Dpkg::Options::='--path-include=/usr/share/doc/${footagePackage}/*'`;
  return {
    missing: 'footage of people',
    why: `${file} is not there: cameras show a test picture, in which nobody walks`,
    install: isLeftOut
      ? `apt-get install --reinstall ${include} ${footagePackage}`
      : `apt-get install --no-install-recommends ${include} ${footagePackage}`,
  };
};
