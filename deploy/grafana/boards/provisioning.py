"""What Grafana reads at its start, and the exceptions from the rules of its dashboard linter."""

DATASOURCE = """\
# Written by deploy/grafana/generate.py; for another Prometheus: --prometheus URL.
apiVersion: 1
datasources:
  - name: Prometheus
    uid: exportwatch-prometheus
    type: prometheus
    access: proxy
    url: {url}
    isDefault: true
    editable: false
    jsonData:
      # How often Prometheus scrapes; $__rate_interval is at least four times this.
      timeInterval: 15s
      httpMethod: POST
"""

FOLDER = """\
# Written by deploy/grafana/generate.py. The folder is where deploy/grafana/dashboards is mounted.
apiVersion: 1
providers:
  - name: exportwatch
    folder: exportwatch
    folderUid: exportwatch
    type: file
    disableDeletion: true
    allowUiUpdates: false
    options:
      path: /var/lib/grafana/dashboards
"""


def provisioning(prometheus: str) -> dict[str, str]:
    return {
        "provisioning/datasources/prometheus.yaml": DATASOURCE.format(url=prometheus),
        "provisioning/dashboards/exportwatch.yaml": FOLDER,
    }


LINT = """\
# Written by deploy/grafana/generate.py. Exceptions from the rules of grafana/dashboard-linter, with their reasons.
exclusions:
  target-job-rule:
    reason: Not series of our workers. kafka_exporter is a job of its own; ALERTS has the labels of the rules.
    entries:
      - dashboard: exportwatch / overview
        panel: Rules that fire
      - dashboard: exportwatch / stage
        panel: Records not committed, by kafka_exporter
  target-instance-rule:
    reason: Not series of our workers. kafka_exporter is an instance of its own; ALERTS has the labels of the rules.
    entries:
      - dashboard: exportwatch / overview
        panel: Rules that fire
      - dashboard: exportwatch / stage
        panel: Records not committed, by kafka_exporter
  target-counter-agg-rule:
    reason: A new worker counts an accepted gap before it is first scraped; an increase would not show it.
    entries:
      - dashboard: exportwatch / overview
        panel: Lost to retention, accepted
"""
