"""The pages: static files behind the owner's token, in the same look and from the same parts as dayjob's dashboard."""

from importlib.resources import files

from fastapi import APIRouter, Depends

from dayjob.web import LOGIN_PATH, Pages, ProblemRoute, Token


def pages_router(auth: Token) -> APIRouter:
    """`/ui/`: the pages; `/ui/login`: the way in, which is open to everybody, with the files that it needs."""
    router = APIRouter(route_class=ProblemRoute)
    router.add_route(LOGIN_PATH, auth.login, methods=["GET", "POST"], include_in_schema=False)
    Pages().add_open(router)
    guarded = APIRouter(route_class=ProblemRoute, dependencies=[Depends(auth)])
    Pages(files("stashwork") / "static").add_to(guarded)
    router.include_router(guarded)
    return router
