import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CameraHall, type CameraPlaces, camerasQuery } from '../../../api/vision.js';
import { AppLink } from '../../../app/AppLink.js';
import { paths } from '../../../paths.js';
import { Icon } from '../../../ui/icons.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { ErrorState } from '../../../ui/states.js';
import { AnalysisMark } from './AnalysisMark.js';
import { cameraTree, type RegionNode } from './camera-tree.js';

export interface TreeChoice {
  readonly regionId?: string | undefined;
  readonly hallId?: string | undefined;
}

interface CameraTreeProps {
  places: CameraPlaces;
  chosen: TreeChoice;
  onChoose: (choice: TreeChoice) => void;
}

const mostOfHall = 200;

/** Region, hall, camera: what is chosen narrows the list beside it. Cameras of a hall are fetched when it is unfolded. */
export function CameraTree({ places, chosen, onChoose }: CameraTreeProps) {
  const { t } = useTranslation('cameras');
  const all = places.halls.reduce((sum, { cameras }) => sum + cameras, 0);
  const isFolded = places.halls.length > mostUnfolded;
  const isAll = !chosen.regionId && !chosen.hallId;
  return (
    <nav className="camera-tree" aria-label={t('tree.label')}>
      <button
        type="button"
        className={isAll ? 'tree-name is-chosen' : 'tree-name'}
        aria-current={isAll}
        onClick={() => onChoose({})}
      >
        <span className="grow clip">{t('tree.all')}</span>
        <span className="faint tree-count">{all}</span>
      </button>
      <ul>
        {cameraTree(places).map((region) => (
          <Region
            key={region.regionId}
            region={region}
            depth={0}
            isFolded={isFolded}
            chosen={chosen}
            onChoose={onChoose}
          />
        ))}
      </ul>
    </nav>
  );
}

/** Of more halls than that only the uppermost regions are unfolded. */
const mostUnfolded = 40;

interface RegionProps {
  region: RegionNode;
  depth: number;
  isFolded: boolean;
}

type Chosen = Pick<CameraTreeProps, 'chosen' | 'onChoose'>;

function Region({ region, depth, isFolded, chosen, onChoose }: Chosen & RegionProps) {
  const [open, setOpen] = useState(!isFolded || depth === 0);
  return (
    <li>
      <Row
        part={region}
        depth={depth}
        isOpen={open}
        isChosen={chosen.regionId === region.regionId && !chosen.hallId}
        onToggle={() => setOpen(!open)}
        onChoose={() => onChoose({ regionId: region.regionId })}
      />
      {open ? (
        <ul>
          {region.regions.map((one) => (
            <Region
              key={one.regionId}
              region={one}
              depth={depth + 1}
              isFolded={isFolded}
              chosen={chosen}
              onChoose={onChoose}
            />
          ))}
          {region.halls.map((hall) => (
            <Hall key={hall.hallId} hall={hall} depth={depth + 1} chosen={chosen} onChoose={onChoose} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Hall({ hall, depth, chosen, onChoose }: Chosen & { hall: CameraHall; depth: number }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <Row
        part={hall}
        depth={depth}
        isOpen={open}
        isChosen={chosen.hallId === hall.hallId}
        onToggle={() => setOpen(!open)}
        onChoose={() => onChoose({ hallId: hall.hallId })}
      />
      {open ? <HallCameras hallId={hall.hallId} depth={depth + 1} /> : null}
    </li>
  );
}

interface RowProps {
  part: Pick<RegionNode, 'name' | 'cameras' | 'watching' | 'trouble'>;
  depth: number;
  isOpen: boolean;
  isChosen: boolean;
  onToggle: () => void;
  onChoose: () => void;
}

function Row({ part, depth, isOpen, isChosen, onToggle, onChoose }: RowProps) {
  const { t } = useTranslation('cameras');
  const { name, cameras, watching, trouble } = part;
  return (
    <div className="tree-row" style={{ paddingLeft: depth * 14 }}>
      <button
        type="button"
        className={isOpen ? 'tree-fold is-open' : 'tree-fold'}
        aria-expanded={isOpen}
        aria-label={t('tree.open', { name })}
        onClick={onToggle}
      >
        <Icon name="chevron" size={14} />
      </button>
      <button
        type="button"
        className={isChosen ? 'tree-name is-chosen' : 'tree-name'}
        aria-current={isChosen}
        title={t('tree.counts', { watching, cameras })}
        onClick={onChoose}
      >
        <span className="grow clip">{name}</span>
        {trouble > 0 ? (
          <span className="tree-trouble" title={t('tree.trouble', { count: trouble })}>
            <span aria-hidden="true">{trouble}</span>
            <span className="sr-only">{t('tree.trouble', { count: trouble })}</span>
          </span>
        ) : null}
        <span className="faint tree-count">{cameras}</span>
      </button>
    </div>
  );
}

function HallCameras({ hallId, depth }: { hallId: string; depth: number }) {
  const { t } = useTranslation('cameras');
  const query = useInfiniteQuery(camerasQuery({ hallId, limit: mostOfHall }));
  const cameras = query.data?.pages[0]?.items;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  if (!cameras) return <SkeletonLines lines={2} />;
  return (
    <ul>
      {cameras.map((camera) => (
        <li key={camera.deviceId} className="tree-camera" style={{ paddingLeft: depth * 14 + 24 }}>
          <AnalysisMark state={camera.analysis} bare />
          <AppLink to={paths.camera(camera.deviceId)}>{camera.name}</AppLink>
        </li>
      ))}
      {query.hasNextPage ? <li className="small faint tree-more">{t('tree.more', { count: 1 })}</li> : null}
    </ul>
  );
}
