"""Audit the reports of one province; an app for marimo: see README.md."""

import marimo

app = marimo.App(width="medium", app_title="nianbao: a province audited")


with app.setup:
    import os
    from collections import Counter
    from pathlib import Path

    import marimo as mo

    from analysis import series
    from analysis.checks import FindingFilter, findings, rules
    from analysis.checks.reuse import ReuseFilter, reuse
    from analysis.database import DatabaseMissing, open_for_reading
    from analysis.plots import PictureFault, draw_coverage


@app.cell
def _():
    given = mo.cli_args()
    language = mo.ui.radio(
        {"English": "en", "中文": "zh"},
        value="中文" if (given.get("lang") or os.environ.get("LANG", "")).startswith("zh") else "English",
        inline=True,
    )
    return given, language


@app.cell
def _(language):
    def say(english, chinese):
        return chinese if language.value == "zh" else english

    mo.vstack([
        language,
        mo.md(say(
            """
            # A province audited

            Which counties have reported, which reports contradict themselves and how, and which prose is
            last year's or a neighbour's.

            **Method.** A year without a report in the database may never have been published, or never
            collected. A finding shows that figures can't all be true (error) or hardly are (warning); it
            does not say which is wrong. What a person dismissed is left out.
            """,
            """
            # 一个省的核查

            哪些县有报告，哪些报告自相矛盾、矛盾在哪里，哪些正文沿用上年或邻近单位的文字。

            **方法。** 数据库中缺某年度的报告，可能是未公布，也可能是未收集到。
            发现只说明数字不能同时成立（错误）或一般不会如此（警告），不说明哪个数字有误。
            经人工判断不成立的不列。
            """,
        )),
    ])  # fmt: skip
    return (say,)


@app.cell
def _(given, say):
    folder = Path(str(given.get("data") or os.environ.get("NIANBAO_DATA") or "data"))
    try:
        connection = open_for_reading(folder / "reports.duckdb")
    except DatabaseMissing as missing:
        mo.stop(
            True,
            mo.callout(
                say(
                    f"{missing.path} does not exist. Name a workspace: marimo run … -- --data FOLDER",
                    f"{missing.path} 不存在。请指定工作目录：marimo run … -- --data 文件夹",
                ),
                kind="danger",
            ),
        )
    return (connection,)


@app.cell
def _(connection, say):
    _provinces = connection.execute(
        "SELECT province FROM report JOIN county ON code = county_code"
        " GROUP BY ALL ORDER BY count(*) DESC, province"
    ).fetchall()
    _named = [name for (name,) in _provinces]
    province = mo.ui.dropdown(_named, value=next(iter(_named), None), label=say("Province", "省"))
    return (province,)


@app.cell
def _(say):
    reporting_only = mo.ui.checkbox(value=True, label=say("only counties with any report", "只看有报告的县"))
    return (reporting_only,)


@app.cell
def _(province, reporting_only):
    mo.hstack([province, reporting_only], justify="start")
    return


@app.cell
def _(connection, province, reporting_only, say):
    mo.stop(not province.value, mo.callout(say("There are no reports yet.", "还没有报告。"), kind="warn"))
    _all = series.coverage(connection, series.Choice(places=(series.Place("province", province.value),)))
    _owners = {record["owner"] for record in _all.records if record["report_id"]}
    _kept = [record for record in _all.records if record["owner"] in _owners or not reporting_only.value]
    coverage = series.Coverage(_all.years, _kept)
    return (coverage,)


@app.cell
def _(connection, coverage, language):
    counted = Counter(record["state"] for record in coverage.records)
    _counties = {record["county_code"][:2] for record in coverage.records}
    found = [
        one
        for one in findings(connection, FindingFilter(), language.value)
        if (one["county_code"] or "")[:2] in _counties
        and one["severity"] != "notice"
        and one["status"] != "dismissed"
    ]
    return counted, found


@app.cell
def _(say):
    severities = {"error": say("error", "错误"), "warning": say("warning", "警告")}
    return (severities,)


@app.cell
def _(counted, coverage, found, say):
    _reports = sum(record["report_id"] is not None for record in coverage.records)
    _severities = [one["severity"] for one in found]
    mo.hstack([
        mo.stat(_reports, label=say("reports of counties", "县级报告")),
        mo.stat(counted["missing"], label=say("years of counties without one", "缺报告的县年")),
        mo.stat(_severities.count("error"), label=say("errors", "错误")),
        mo.stat(_severities.count("warning"), label=say("warnings", "警告")),
    ])  # fmt: skip
    return


@app.cell
def _(connection, coverage, language, say):
    try:
        picture = draw_coverage(coverage, series.sources_of(connection, coverage.records), language.value)
        _shown = mo.Html(f'<div style="overflow-x: auto">{picture.svg()}</div>')
    except PictureFault:
        picture = None
        _shown = mo.callout(say("Too many counties for a picture.", "县太多，无法绘图。"), kind="warn")
    mo.vstack([mo.md(say("## Which reports there are", "## 有哪些报告")), _shown])
    return (picture,)


@app.cell
def _(found, language, say, severities):
    _holds = {rule.rule: rule.holds[language.value] for rule in rules()}
    _counts = Counter((one["severity"], one["rule"]) for one in found)
    by_rule = [
        {
            say("Severity", "程度"): severities[severity],
            say("Rule", "规则"): rule,
            say("Findings", "发现数"): count,
            say("What should hold", "应当成立"): _holds.get(rule, ""),
        }
        for (severity, rule), count in sorted(
            _counts.items(), key=lambda one: (one[0][0], -one[1], one[0][1])
        )
    ]
    mo.vstack([
        mo.md(say("## Contradictions by rule", "## 按规则统计的矛盾")),
        mo.ui.table(by_rule, selection=None) if by_rule else mo.md(say("None.", "无。")),
    ])  # fmt: skip
    return (by_rule,)


@app.cell
def _(found, say, severities):
    _message = say("Finding", "发现")
    listed = [
        {
            say("County", "县"): one["county"],
            say("Year", "年度"): str(one["year"]),
            say("Severity", "程度"): severities[one["severity"]],
            _message: one["message"],
            say("Address", "网址"): one["url"],
            say("Id", "编号"): one["finding_id"][:8],
        }
        for one in found
    ]
    _none = mo.md(say("None.", "无。"))
    _table = mo.ui.table(listed, selection=None, wrapped_columns=[_message]) if listed else _none
    mo.vstack([mo.md(say("## Each of them", "## 逐条")), _table])
    return (listed,)


@app.cell
def _(connection, coverage, say):
    _counties = {record["county_code"][:2] for record in coverage.records}
    reused = [
        {
            say("Share (%)", "比例（%）"): round(one["share"], 1),
            say("County", "县"): one["county"],
            say("Year", "年度"): str(one["year"]),
            say("taken from", "沿用"): f"{one['other_publisher']} {one['other_year']}",
            say("Longest passage", "最长一段"): one["passage"],
        }
        for one in reuse(connection, ReuseFilter())
        if (one["county_code"] or "")[:2] in _counties
    ]
    mo.vstack([
        mo.md(say("## Prose taken over (30 % and more)", "## 雷同文字（30% 及以上）")),
        mo.ui.table(reused, selection=None) if reused else mo.md(say("None.", "无。")),
    ])  # fmt: skip
    return (reused,)


if __name__ == "__main__":
    app.run()
