import { Navigate } from '@tanstack/react-router';
import { paths } from '../../paths.js';

/** The sign-in page's own address, for who is signed in already. */
export default function AlreadyInPage() {
  return <Navigate to={paths.today() as string} search={{} as never} replace />;
}
