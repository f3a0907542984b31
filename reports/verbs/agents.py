"""`openweb agents`: the registry of crawler tokens, as a list or one in full."""

from __future__ import annotations

import difflib
from datetime import date

import click

from crawler.agents import Agent, Registry, load
from crawler.errors import InputError
from crawler.vocabulary import Use
from reports.verbs.options import clean, emit, json_option


@click.group(name="agents", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List the registry of crawler tokens, or show one.

    \b
    Examples:
      openweb agents list --use train-generative --on 2024-05-01
      openweb agents show ClaudeBot
    """
    if context.invoked_subcommand is None:
        context.invoke(list_agents)


@command.command(name="list")
@click.option("--use", type=click.Choice([use.value for use in Use]), help="Only tokens run for this use.")
@click.option("--operator", help="Only tokens of operators whose name contains this.")
@click.option("--on", metavar="DATE", help="Only tokens a file of that day could have named.")
@json_option
def list_agents(
    use: str | None = None, operator: str | None = None, on: str | None = None, as_json: bool = False
) -> None:
    """List the tokens: operator, purposes, since when.

    \b
    Examples:
      openweb agents list
      openweb agents list --use search --json
    """
    registry = load()
    day = _day(on)
    for agent in registry.basket(day):
        if use is not None and Use(use) not in agent.uses:
            continue
        if operator is not None and operator.casefold() not in agent.operator.casefold():
            continue
        if as_json:
            emit(_record(registry, agent))
        else:
            since = agent.announced or (f"named {agent.named_since}" if agent.named_since else "unknown")
            until = f" to {agent.retired}" if agent.retired else ""
            kind = " (control only)" if agent.control_only else ""
            click.echo(
                clean(f"{agent.token:28} {agent.operator:28.28} {','.join(agent.purposes):20} {since}{until}{kind}")
            )
    if not as_json:
        click.echo(f"registry {registry.id}", err=True)


@command.command(name="show")
@click.argument("token")
@click.option("--on", metavar="DATE", help="What the token meant on that day, where it had several owners.")
@json_option
def show(token: str, on: str | None, as_json: bool) -> None:
    """Show all that is known of one token, with its sources.

    \b
    Examples:
      openweb agents show GPTBot
      openweb agents show Exabot --on 2019-06-01
    """
    registry = load()
    agent = registry.get(token, _day(on))
    if agent is None:
        if registry.get(token) is not None:
            raise InputError(f"agents: {token}: no crawler of that name was known on {on}; ask without --on")
        near = difflib.get_close_matches(token.casefold(), [a.token.casefold() for a in registry.agents], n=3)
        hint = f"; near: {', '.join(near)}" if near else ""
        raise InputError(f"agents: {token}: no such token in registry {registry.id}{hint}; see `openweb agents list`")
    record = _record(registry, agent)
    if as_json:
        emit(record)
        return
    for key, value in record.items():
        if value in (None, [], "", False):
            continue
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        click.echo(clean(f"{key:18} {'yes' if value is True else value}"))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--on {text}: expected a day such as 2024-05-01") from error


def _record(registry: Registry, agent: Agent) -> dict[str, object]:
    return {
        "token": agent.token,
        "operator": agent.operator,
        "country": agent.country,
        "purposes": list(agent.purposes),
        "uses": [use.value for use in agent.uses],
        "control_only": agent.control_only,
        "announced": agent.announced,
        "named_since": agent.named_since,
        "retired": agent.retired,
        "respects_robots": agent.respects_robots,
        "aliases": list(agent.aliases),
        "related": list(agent.related),
        "falls_back_on": list(agent.falls_back_on),
        "ignores_wildcard": agent.ignores_wildcard,
        "valid_from": agent.valid_from,
        "valid_until": agent.valid_until,
        "valid_token": agent.valid_token,
        "studies": list(agent.studies),
        "confidence": agent.confidence,
        "sources": list(agent.sources),
        "note": agent.note,
        "registry": registry.id,
    }
