// The page's own addresses: /overview, /records/household/018f... and what stands behind the question mark.

import { createContext } from "preact";
import type { ComponentChildren, JSX } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export interface Place {
  path: string;
  parts: string[];
  query: URLSearchParams;
}

const moved = "doorstep-moved";

/// An address that was cut off or mistyped is no page, and must not end the script.
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function here(): Place {
  const path = window.location.pathname.replace(/\/+$/, "") || "/";
  const parts = path.split("/").filter(Boolean).map(decoded);
  return { path, parts, query: new URLSearchParams(window.location.search) };
}

/// `replace`: the place before is not to be come back to, as when a filter changes.
export function go(to: string, replace = false): void {
  if (to === window.location.pathname + window.location.search) return;
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  window.dispatchEvent(new Event(moved));
}

const PlaceContext = createContext<Place>({ path: "/", parts: [], query: new URLSearchParams() });

export function Router({ children }: { children: ComponentChildren }): JSX.Element {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = (): void => setPlace(here());
    window.addEventListener("popstate", look);
    window.addEventListener(moved, look);
    return () => {
      window.removeEventListener("popstate", look);
      window.removeEventListener(moved, look);
    };
  }, []);
  return <PlaceContext.Provider value={place}>{children}</PlaceContext.Provider>;
}

export function usePlace(): Place {
  return useContext(PlaceContext);
}

/// One word of the address that a page keeps, with what it is when it is not there.
export function useQuery(name: string, otherwise = ""): [string, (value: string) => void] {
  const place = usePlace();
  const set = (value: string): void => {
    const query = new URLSearchParams(window.location.search);
    if (value === otherwise || value === "") query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    go(window.location.pathname + (text ? `?${text}` : ""), true);
  };
  return [place.query.get(name) ?? otherwise, set];
}

type LinkProps = { to: string; children: ComponentChildren } & Omit<JSX.HTMLAttributes<HTMLAnchorElement>, "href">;

export function Link({ to, children, ...rest }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
