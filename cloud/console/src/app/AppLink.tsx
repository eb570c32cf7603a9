import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface AppLinkProps {
  to: string;
  search?: Record<string, string | undefined>;
  className?: string;
  children: ReactNode;
  'aria-label'?: string;
  'aria-current'?: 'page' | undefined;
  title?: string;
  onClick?: () => void;
}

/** A link within the console, to an address from `paths`. */
export function AppLink({ to, search, ...rest }: AppLinkProps) {
  return <Link to={to as string} search={(search ?? {}) as never} {...rest} />;
}
