import { QRCode } from 'antd';
import './qr-code.css';

interface QrCodeProps {
  value: string;
  /** What it is, for who cannot see it. */
  label: string;
  /** Pixels; left out, it is as wide as its place. */
  size?: number;
  /** How much of it may be unreadable: `L` 7 %, for long texts, `M` 15 %. */
  level?: 'L' | 'M';
}

/** Black on white whatever the theme: scanners want it so. */
export function QrCode({ value, label, size, level = 'M' }: QrCodeProps) {
  return (
    <div className={size === undefined ? 'qr-code qr-code-wide' : 'qr-code'} role="img" aria-label={label}>
      {/* Its picture names itself, without a name. */}
      <div aria-hidden="true">
        <QRCode
          type="svg"
          value={value}
          size={size ?? 560}
          color="var(--ink)"
          bgColor="var(--paper)"
          bordered={false}
          errorLevel={level}
          {...(size === undefined ? { style: { width: '100%', height: 'auto' } } : {})}
        />
      </div>
    </div>
  );
}
