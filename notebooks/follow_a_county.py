"""Follow one county over the years; an app for marimo: see README.md."""

import marimo

app = marimo.App(width="medium", app_title="nianbao: one county over the years")


with app.setup:
    import os
    from pathlib import Path

    import marimo as mo

    from analysis import series
    from analysis.checks import FindingFilter, findings
    from analysis.database import DatabaseMissing, open_for_reading
    from analysis.plots import PictureFault, draw
    from analysis.plots.wording import Wording
    from analysis.present.figures import figure_text, said_of, short_label, signs_of
    from analysis.provenance import source_of


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
            # One county over the years

            Figures of one county's annual reports on open government information, year by year, beside
            those of its peers; what contradicts itself in them; and where each figure comes from.

            **Method.** The series keeps to one publisher and one scope. It is drawn through no break of the
            forms (†) and no gap. Figures marked * take part in an open finding, ~ stand in from another
            form, ° count blanks as zeros. Peers are reports of the same year and scope; the county itself
            is not among them.
            """,
            """
            # 一个县的历年数字

            一个县历年政府信息公开工作年度报告的数字，与同类报告对照；报告中的矛盾；以及每个数字的出处。

            **方法。** 序列只取同一发布单位、同一范围的报告，不跨越格式中断（†）和缺口连线。
            带 * 的数字涉及待处理的发现，~ 取自其他格式的相应项目，° 表示空白按零计。
            同类指同年度、同范围的其他报告，不含本县。
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
def _(connection):
    reporting = connection.execute(
        """
        SELECT today.code, today.name, today.prefecture FROM report JOIN county ON code = county_code JOIN
        county today ON today.code = county.current_code WHERE publisher_kind IN ('county_government',
        'county_office') AND year IS NOT NULL GROUP BY ALL ORDER BY today.code
        """
    ).fetchall()
    return (reporting,)


@app.cell
def _(reporting, say):
    _names = {f"{name} {code} {prefecture}": code for code, name, prefecture in reporting}
    county = mo.ui.dropdown(
        _names, value=next(iter(_names), None), label=say("County", "县（市、区）"), searchable=True
    )
    return (county,)


@app.cell
def _(say):
    metrics = mo.ui.multiselect(
        {
            say("requests received", "新收申请"): "requests_received",
            say("requests decided", "办结申请"): "processed_total",
            say("granted in full or in part (%)", "公开率（%）"): "disclosure_rate",
            say("refused (%)", "不予公开率（%）"): "refusal_rate",
            say("carried over (%)", "结转比例（%）"): "carried_over_rate",
            say("reviews per 100 decisions", "每百件办结的复议数"): "review_per_100",
            say("lawsuits per 100 decisions", "每百件办结的诉讼数"): "litigation_per_100",
            say("reviews and lawsuits lost (%)", "纠错率（%）"): "correction_rate",
        },
        value=[say("requests received", "新收申请"), say("refused (%)", "不予公开率（%）")],
        label=say("Metrics", "指标"),
    )
    return (metrics,)


@app.cell
def _(say):
    peers = mo.ui.dropdown(
        {
            say("no peers", "不比较"): "",
            say("same prefecture", "同地级市"): "prefecture",
            say("same province", "同省"): "province",
            say("same kind of publisher", "同类发布单位"): "kind",
            say("nearest in requests", "申请量最接近"): "nearest",
        },
        value=say("same kind of publisher", "同类发布单位"),
        label=say("Beside", "对照"),
    )
    return (peers,)


@app.cell
def _(county, metrics, peers):
    mo.hstack([county, metrics, peers], justify="start", wrap=True)
    return


@app.cell
def _(connection, county, metrics, peers, say):
    mo.stop(not county.value, mo.callout(say("There are no reports yet.", "还没有报告。"), kind="warn"))
    mo.stop(not metrics.value, mo.callout(say("Choose a metric.", "请选择指标。"), kind="warn"))
    place = series.find_county(connection, county.value)
    question = series.Question(tuple(metrics.value), peers=peers.value or None)
    found = series.trend(connection, place, question)
    return found, place, question


@app.cell
def _(connection, found, language, question, say):
    try:
        picture = draw(found, question, series.sources_of(connection, found.records), language.value)
        shown = mo.Html(f'<div style="overflow-x: auto">{picture.svg()}</div>')
    except PictureFault:
        picture = None
        shown = mo.callout(say("There is no figure to draw.", "没有可绘的数字。"), kind="warn")
    shown
    return (picture,)


@app.cell
def _(found, language, question, say):
    def _cell(record, quantity):
        name = quantity.quantity_id
        if record[name] is None:
            _why = said_of(record, "missing", name)[0]
            return f"({said(f'absent_{_why}')})"
        return figure_text(record[name], quantity, question) + signs_of(record, name)

    said = Wording(language.value)
    rows = [
        {say("Year", "年度"): str(record["year"]), say("Publisher", "发布单位"): record["publisher"] or "–"}
        | {short_label(quantity)[language.value]: _cell(record, quantity) for quantity in found.quantities}
        for record in reversed(found.records)
    ]
    mo.vstack([mo.md(say("## Year by year", "## 历年数字")), mo.ui.table(rows, selection=None)])
    return (rows,)


@app.cell
def _(connection, language, place, say):
    wanted = FindingFilter(county=place.current_code)
    contradictions = [
        one
        for one in findings(connection, wanted, language.value)
        if one["severity"] != "notice" and one["status"] != "dismissed"
    ]
    _severities = {"error": say("error", "错误"), "warning": say("warning", "警告")}
    _message = say("Finding", "发现")
    listed = [
        {
            say("Year", "年度"): str(one["year"]),
            say("Severity", "程度"): _severities[one["severity"]],
            say("Rule", "规则"): one["rule"],
            _message: one["message"],
        }
        for one in contradictions
    ]
    _none = mo.md(say("Nothing was found.", "没有发现。"))
    _table = mo.ui.table(listed, selection=None, wrapped_columns=[_message]) if listed else _none
    mo.vstack([mo.md(say("## What contradicts itself", "## 矛盾之处")), _table])
    return contradictions, listed


@app.cell
def _(found, say):
    _years = {str(record["year"]): record["report_id"] for record in found.records if record["report_id"]}
    source_year = mo.ui.dropdown(_years, value=next(reversed(_years), None), label=say("Year", "年度"))
    return (source_year,)


@app.cell
def _(found, language, say):
    _quantities = {short_label(one)[language.value]: one.quantity_id for one in found.quantities}
    source_metric = mo.ui.dropdown(_quantities, value=next(iter(_quantities)), label=say("Figure", "数字"))
    return (source_metric,)


@app.cell
def _(connection, language, say, source_metric, source_year):
    mo.stop(not source_year.value)
    source = source_of(connection, source_year.value, source_metric.value, language=language.value)
    cells = [
        {
            say("Cell", "单元格"): f"{one['metric']} {one['applicant']}".strip(),
            say("As printed", "原文"): one["raw"],
            say("Value", "数值"): one["value"],
            say("Table", "表"): one["page_table"],
            say("Row", "行"): one["page_row"],
            say("Column", "列"): one["page_column"],
        }
        for one in source.cells
    ]
    _report = source.report
    mo.vstack([
        mo.md(say("## Where a figure comes from", "## 数字的出处")),
        mo.hstack([source_year, source_metric], justify="start"),
        mo.ui.table(cells, selection=None),
        mo.md(f"{_report['url']} · {_report['captured_at']:%Y-%m-%d %H:%M} UTC"),
        mo.md(f"SHA-256 `{_report['sha256']}`"),
    ])  # fmt: skip
    return cells, source


if __name__ == "__main__":
    app.run()
